import { SaeError } from "@sae/core";
import { z } from "zod";
import { mergeFields } from "./mergeFields.js";
import type { Option } from "./option.js";

/** The part of JSON Schema that zod's numbers, booleans, texts, enumerations and lists of them become. */
interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly items?: FieldSchema;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

type Shape = Readonly<Record<string, z.ZodType>>;

/** A field that is a value and no object, and where it stands. */
interface Leaf {
  readonly path: readonly string[];
  readonly field: FieldSchema;
  readonly type: z.ZodType;
  readonly required: boolean;
}

/**
 * An option for each field of a schema: its description, default and limits come from there, so that a choice of the recipe, of
 * an architecture, of a baseline or of an evaluation is described once. `parse` returns the value that the schema wants to be given.
 * A field of an object within the object has the names of both: `explainer.reach` is `explainerReach`.
 *
 * @param otherwise - defaults that differ from the schema's, in words
 */
export function schemaOptions(
  schema: z.ZodType,
  group: string,
  otherwise: Readonly<Record<string, string>> = {},
): Record<string, Option> {
  return Object.fromEntries(
    leavesOf(schema).map(({ path, field, type, required }) => {
      const name = joined(path);
      return [
        name,
        {
          hint: hintOf(field),
          describe: field.description ?? "",
          group,
          otherwise: otherwise[name] ?? defaultOf(field),
          needed: required && otherwise[name] === undefined,
          parse: (text: string) => valueFrom(text, field, type),
        },
      ];
    }),
  );
}

/** Names of the options of a schema. */
export const optionNames = (schema: z.ZodType): string[] => leavesOf(schema).map(({ path }) => joined(path));

/**
 * What was given of a schema, in the schema's own form.
 *
 * @param valueAt value of an option by its name; undefined where it was not given
 */
export function givenFields(schema: z.ZodType, valueAt: (name: string) => unknown): Record<string, unknown> {
  return leavesOf(schema).reduce((given: Record<string, unknown>, { path }) => {
    const value = valueAt(joined(path));
    const within = path.reduceRight((inner: unknown, name) => ({ [name]: inner }), value);
    return value === undefined ? given : mergeFields(given, within as Record<string, unknown>);
  }, {});
}

/** ["probing", "dataSets"] → "probingDataSets" */
export const joined = ([first, ...others]: readonly string[]): string =>
  [first, ...others.map((name) => name.charAt(0).toUpperCase() + name.slice(1))].join("");

function leavesOf(schema: z.ZodType): Leaf[] {
  const shape = (schema as z.ZodObject).shape as Shape;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" }) as {
    properties?: Record<string, FieldSchema>;
    required?: readonly string[];
  };
  return Object.entries(properties).flatMap(([name, field]): Leaf[] => {
    const type = shape[name];
    if (field.type !== "object") return [{ path: [name], field, type, required: required.includes(name) }];
    return leavesOf(withoutDefault(type)).map((leaf) => ({ ...leaf, path: [name, ...leaf.path] }));
  });
}

/** The object itself, where it may be left out or has a default. */
const withoutDefault = (type: z.ZodType): z.ZodType =>
  type instanceof z.ZodPrefault || type instanceof z.ZodDefault || type instanceof z.ZodOptional
    ? withoutDefault(type.unwrap() as z.ZodType)
    : type;

function hintOf({ type, enum: words, items }: FieldSchema): string {
  if (words) return words.join("|");
  if (type === "boolean") return "true|false";
  if (type === "array") return `${hintOf(items ?? {})},…`;
  if (type === "string") return "TEXT";
  return type === "integer" ? "N" : "X";
}

/** Nothing where the default is nothing: the description says what that means. */
function defaultOf({ default: value }: FieldSchema): string | undefined {
  const text = value === undefined ? "" : textOf(value);
  return text === "" ? undefined : text;
}

const textOf = (value: unknown): string => (Array.isArray(value) ? value.join(",") : String(value));

function valueFrom(text: string, field: FieldSchema, type: z.ZodType): unknown {
  const value = jsonValue(text, field);
  const result = type.safeParse(value);
  if (result.success) return value;
  const own = result.error.issues.find(({ code }) => code === "custom");
  throw new SaeError(
    "bad_option",
    `needed ${own ? own.message.replace(/^must /, "values that ") : neededBy(field)}, got '${text}'`,
  );
}

function jsonValue(text: string, { type, enum: words, items }: FieldSchema): unknown {
  if (type === "array") return text.split(",").map((part) => jsonValue(part.trim(), items ?? {}));
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return words || type === "string" ? text : numberOf(text);
}

/** Empty text is no number, though `Number` says 0. */
const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function neededBy(field: FieldSchema): string {
  if (field.enum) return field.enum.join(" or ");
  if (field.type === "boolean") return "true or false";
  if (field.type === "string") return "a text";
  if (field.type === "array")
    return `${neededBy(field.items ?? {}).replace(/^an? /, "one or more of: a ")}, separated by commas`;
  const limits = [
    field.exclusiveMinimum === undefined ? "" : `above ${field.exclusiveMinimum}`,
    field.minimum === undefined ? "" : `of at least ${field.minimum}`,
    field.maximum === undefined || field.maximum === Number.MAX_SAFE_INTEGER ? "" : `of at most ${field.maximum}`,
    field.exclusiveMaximum === undefined ? "" : `below ${field.exclusiveMaximum}`,
  ].filter((limit) => limit !== "");
  return `a ${field.type === "integer" ? "whole number" : "number"} ${limits.join(" and ")}`.trim();
}
