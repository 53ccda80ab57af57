import { SaeError } from "@sae/core";
import { z } from "zod";
import { didYouMean } from "./didYouMean.js";

const isFunction = (value: unknown): boolean => typeof value === "function";

/** What a key of a definition can be. The message of each schema ends "needed … to be ". */
export const fieldKinds = {
  text: z.string("a text"),
  flag: z.boolean("true or false"),
  /** What it takes and returns is seen when it is called. */
  callable: z.custom<unknown>(isFunction, "a function"),
  /** Options: a schema of zod, which need not be this copy of it. */
  schema: z.custom<unknown>(
    (value) => isFunction((value as { safeParse?: unknown } | null | undefined)?.safeParse),
    "a schema of zod, such as z.strictObject({ … })",
  ),
};

/**
 * Refuses keys that nobody reads: misspelt ones would be left out without a word.
 *
 * @param what has the keys, for the message
 * @throws SaeError `bad_definition`
 */
export function checkKeys(what: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const needed = known.length === 0 ? "no keys" : `no keys but ${known.join(", ")}`;
  const hint = didYouMean(unknown, known) || "; leave it out";
  throw new SaeError("bad_definition", `${what}: needed ${needed}, got '${unknown}'${hint}`);
}

/**
 * Checks what `defineSae`, `defineBaseline` or a function like them was given. Types say the same, but files of users are run without a look at them.
 *
 * @param maker name of that function
 * @param fields what every key has to be, with messages like those of `fieldKinds`
 * @throws SaeError `bad_definition` for keys that there are not, that are missing, and that are something else
 */
export function checkDefinition(maker: string, definition: unknown, fields: Readonly<Record<string, z.ZodType>>): void {
  if (typeof definition !== "object" || definition === null) {
    throw new SaeError("bad_definition", `${maker}: needed an object, got ${inWords(definition)}`);
  }
  const what = "name" in definition ? `${maker}: '${definition.name}'` : maker;
  checkKeys(what, definition, Object.keys(fields));
  const issue = z.object(fields).safeParse(definition).error?.issues[0];
  if (issue === undefined) return;
  const got = issue.path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)[key], definition);
  const hint = typeof got === "string" ? didYouMean(got, wordsOf(issue)) : "";
  throw new SaeError(
    "bad_definition",
    `${what}: needed ${issue.path.join(".")} to be ${issue.message}, got ${inWords(got)}${hint}`,
  );
}

/** The words that would have been right. */
function wordsOf(issue: z.core.$ZodIssue): string[] {
  if (issue.code === "invalid_union") return issue.errors.flat().flatMap(wordsOf);
  return issue.code === "invalid_value" ? issue.values.map(String) : [];
}

function inWords(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return `'${value}'`;
  if (typeof value === "function") return "a function";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value !== "object" || value === null) return String(value);
  const keys = Object.keys(value);
  return keys.length === 0 ? "an empty object" : `an object with ${keys.slice(0, 6).join(", ")}`;
}
