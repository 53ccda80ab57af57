import { type AnySae, defineSae } from "@sae/autoencoders";
import { type AnyBaseline, defineBaseline } from "@sae/baselines";
import { SaeError } from "@sae/core";
import { z } from "zod";

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const hasSchema = ({ name, config }: Readonly<Record<string, unknown>>): boolean =>
  typeof name === "string" && isObject(config) && typeof config.safeParse === "function";

/** Whether a value is what `defineSae` returns. */
const isSae = (value: unknown): value is AnySae =>
  isObject(value) && hasSchema(value) && typeof value.encode === "function" && typeof value.loss === "function";

/** Whether a value is what `defineBaseline` returns. */
const isBaseline = (value: unknown): value is AnyBaseline =>
  isObject(value) && hasSchema(value) && typeof value.drawn === "boolean" && typeof value.description === "string";

/** What a file of the user's may define. */
export const definitionKinds = ["variant", "baseline"] as const;
export type DefinitionKind = (typeof definitionKinds)[number];
export type Definition<Kind extends DefinitionKind = DefinitionKind> = Kind extends "variant" ? AnySae : AnyBaseline;

const guards = { variant: isSae, baseline: isBaseline };
const makers = { variant: "defineSae", baseline: "defineBaseline" };

const checks: Readonly<Record<DefinitionKind, (definition: never) => unknown>> = {
  variant: defineSae,
  baseline: defineBaseline,
};

/** What a module of definitions exports, as its code. */
export const definitionExample = (kind: DefinitionKind): string => `export const mine = ${makers[kind]}({ … })`;

/**
 * The definitions among the exports of a module: the default export, named ones, and lists of them.
 *
 * @param what how the module was named, for messages
 * @throws SaeError `no_definition`, with what is exported; `bad_definition` for options that a study cannot set, and for what `defineSae` or
 *   `defineBaseline` would have refused
 */
export function definitionsIn<Kind extends DefinitionKind>(
  exports: Readonly<Record<string, unknown>>,
  kind: Kind,
  what: string,
): Definition<Kind>[] {
  const values = new Set(Object.values(exports).flat());
  const found = [...values].filter(guards[kind] as (value: unknown) => value is Definition<Kind>);
  if (found.length === 0) {
    throw new SaeError(
      "no_definition",
      `${what}: needed an export made by ${makers[kind]}, got ${exported(exports)}; write \`${definitionExample(kind)}\``,
    );
  }
  for (const definition of found) {
    checkDefinition(definition, kind, what);
    checkOptions(definition, kind, what);
  }
  return found;
}

/** What a module exports, for messages. */
export function exported(exports: Readonly<Record<string, unknown>>): string {
  const list = Object.entries(exports).map(([name, value]) => `${name} (${typeText(value)})`);
  return list.length === 0 ? "no exports" : list.join(", ");
}

function typeText(value: unknown): string {
  if (isSae(value)) return `the architecture '${value.name}'`;
  if (isBaseline(value)) return `the baseline '${value.name}'`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (!isObject(value)) return value === null ? "null" : `a ${typeof value}`;
  const names = Object.keys(value).slice(0, 6).join(", ");
  return names === "" ? "an empty object" : `an object with ${names}`;
}

/** An object that was written without `defineSae` or `defineBaseline` is one of theirs all the same, but was never looked at. */
function checkDefinition(definition: Definition, kind: DefinitionKind, what: string): void {
  try {
    checks[kind](definition as never);
  } catch (error) {
    if (!(error instanceof SaeError)) throw error;
    throw new SaeError(error.code, `${what}: ${error.message}`, { cause: error });
  }
}

/** A study gives every architecture its target and nothing else, and sets options by their text on the command line. */
function checkOptions({ name, config }: Definition, kind: DefinitionKind, what: string): void {
  const bad = (needed: string) =>
    new SaeError("bad_definition", `${what}: the options of '${name}' (its config) needed ${needed}`);
  const schema = schemaOf(config);
  if (schema === null) throw bad("to be an object of zod's numbers, booleans, texts, enumerations and lists of them");
  if (kind === "variant" && !Object.hasOwn(schema.properties ?? {}, "l0")) {
    throw bad("the target `l0`, which every architecture has; write `config: z.strictObject({ l0: l0Option, … })`");
  }
  const missing = (schema.required ?? []).filter((field) => field !== "l0" || kind === "baseline");
  if (missing.length > 0) {
    throw bad(`defaults, got none for ${missing.join(", ")}; add .default(…)`);
  }
}

interface ObjectSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly required?: readonly string[];
}

/** The schema as JSON Schema; null when it is none of an object, or cannot be written so. */
function schemaOf(config: z.ZodType): ObjectSchema | null {
  try {
    const schema = z.toJSONSchema(config, { io: "input" }) as ObjectSchema;
    return schema.type === "object" ? schema : null;
  } catch {
    return null;
  }
}
