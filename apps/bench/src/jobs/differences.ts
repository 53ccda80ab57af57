/** A value that two configs do not share. */
export interface Difference {
  /** Such as `recipe.lr`. */
  readonly path: string;
  readonly before: string;
  readonly after: string;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value));

/** Where two JSON values differ; lists count as one value. The outermost `config` is left out of the paths. */
export function differences(before: unknown, after: unknown, path = ""): Difference[] {
  if (isObject(before) && isObject(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => {
      const inner = path === "" ? (name === "config" ? "" : name) : `${path}.${name}`;
      return differences(before[name], after[name], inner);
    });
  }
  const [was, is] = [textOf(before), textOf(after)];
  return was === is ? [] : [{ path, before: was, after: is }];
}
