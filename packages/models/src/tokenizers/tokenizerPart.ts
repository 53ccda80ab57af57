import { SaeError } from "@sae/core";
import { z } from "zod";

/** An error in a tokenizer's file, in words of the field it is in. */
export const invalidTokenizer = (reason: string, cause?: unknown): SaeError =>
  new SaeError("invalid_tokenizer", `tokenizer: ${reason}; fetch the file again`, { cause });

/** Something a tokenizer's file asks for that is not implemented here. */
export const unsupportedTokenizer = (needed: string, got: string): SaeError =>
  new SaeError("unsupported_tokenizer", `tokenizer: needed ${needed}, got ${got}; use a model with another tokenizer`);

/** Parses with a schema, with the house's error. */
export function parseTokenizer<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (!result.success) throw invalidTokenizer(`${what}: ${z.prettifyError(result.error)}`, result.error);
  return result.data;
}

/**
 * Makes the part of a tokenizer.json that its `type` names.
 *
 * @param field where it stands, for messages
 * @param kinds how each known type is made of its JSON
 * @throws SaeError `unsupported_tokenizer`, `invalid_tokenizer`
 */
export function tokenizerPart<T>(
  field: string,
  kinds: Readonly<Record<string, (json: unknown) => T>>,
  json: unknown,
): T {
  const { type } = parseTokenizer(z.object({ type: z.string() }), json, field);
  if (!Object.hasOwn(kinds, type)) throw unsupportedTokenizer(`a ${field} of ${Object.keys(kinds).join(", ")}`, type);
  try {
    return kinds[type](json);
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw invalidTokenizer(`${field} ${type}: ${z.prettifyError(cause)}`, cause);
  }
}
