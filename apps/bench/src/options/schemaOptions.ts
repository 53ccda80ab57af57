import { SaeError } from "@sae/core";
import { z } from "zod";
import type { Option } from "./option.js";

/** The part of JSON Schema that zod's numbers, booleans, enumerations and lists of numbers become. */
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

/**
 * An option for each field of a schema: its description, default and limits come from there, so that a choice of the recipe, of
 * an architecture or of a baseline is described once. `parse` returns the value that the schema wants to be given.
 *
 * @param otherwise - defaults that differ from the schema's, in words
 */
export function schemaOptions(
  schema: z.ZodType,
  group: string,
  otherwise: Readonly<Record<string, string>> = {},
): Record<string, Option> {
  const shape = (schema as z.ZodObject).shape as Shape;
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "input" }) as {
    properties?: Record<string, FieldSchema>;
    required?: readonly string[];
  };
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]) => [
      name,
      {
        hint: hintOf(field),
        describe: field.description ?? "",
        group,
        otherwise: otherwise[name] ?? (field.default === undefined ? undefined : textOf(field.default)),
        needed: required.includes(name) && otherwise[name] === undefined,
        parse: (text: string) => valueFrom(text, field, shape[name]),
      },
    ]),
  );
}

/** Names of the fields of a schema. */
export const fieldsOf = (schema: z.ZodType): string[] => Object.keys((schema as z.ZodObject).shape as Shape);

function hintOf({ type, enum: words, items }: FieldSchema): string {
  if (words) return words.join("|");
  if (type === "boolean") return "true|false";
  if (type === "array") return `${hintOf(items ?? {})},…`;
  return type === "integer" ? "N" : "X";
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

function jsonValue(text: string, { type, enum: words }: FieldSchema): unknown {
  if (type === "array") return text.split(",").map(numberOf);
  if (type === "boolean" && /^(true|false)$/.test(text)) return text === "true";
  return words ? text : numberOf(text);
}

/** Empty text is no number, though `Number` says 0. */
const numberOf = (text: string): number => (text.trim() === "" ? Number.NaN : Number(text));

function neededBy(field: FieldSchema): string {
  if (field.enum) return field.enum.join(" or ");
  if (field.type === "boolean") return "true or false";
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
