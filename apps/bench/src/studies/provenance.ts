import { versions } from "../environment.js";

/** What it takes to make the report again, as the report's footer lists it: every choice, every version. */
export function provenanceOf(options: Readonly<Record<string, unknown>>): Record<string, string | number> {
  const text = (value: unknown): string =>
    typeof value === "string"
      ? value
      : JSON.stringify(value)
          .replaceAll(/([,:])/g, "$1 ")
          .replaceAll('"', "");
  const chosen = Object.entries(options).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(chosen.map(([name, value]) => [name, text(value)])), ...versions() };
}
