type Fields = Readonly<Record<string, unknown>>;

/** Whether a value is an object that is no list. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The fields of both, the second's where both have one; objects within are merged in the same way. */
export function mergeFields(base: Fields, over: Fields): Record<string, unknown> {
  const fields = Object.entries(over).map(([name, value]) => {
    const below = base[name];
    return [name, isFields(value) && isFields(below) ? mergeFields(below, value) : value];
  });
  return { ...base, ...Object.fromEntries(fields) };
}
