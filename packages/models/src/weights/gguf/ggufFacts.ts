import { SaeError } from "@sae/core";
import type { GgufHeader, GgufValue } from "./decodeGgufHeader.js";

/** What the header of a file says about the model, by the names that all architectures share. */
export interface GgufFacts {
  /** First words of error messages. */
  readonly what: string;
  /**
   * A number that the file has under the architecture's prefix. Of one number for each layer, the one that they all are.
   *
   * @param key without the prefix: `attention.head_count`
   * @param missing value when the file has none; without it the number is needed
   * @throws SaeError `bad_metadata`
   */
  number<Missing = never>(key: string, ...missing: Missing[]): number | Missing;
  /** A text under the architecture's prefix; undefined when there is none. */
  text(key: string): string | undefined;
  /** A truth value under the architecture's prefix. */
  truth(key: string, missing: boolean): boolean;
  /** A whole key's value; undefined when there is none. */
  value(key: string): GgufValue | undefined;
  /** Whether the file has the tensor. */
  has(tensor: string): boolean;
  /** Shape of a tensor. @throws SaeError `bad_metadata` */
  shape(tensor: string): readonly number[];
  /** Factors by which the file divides the rotary frequencies, [dHead/2]; null when it has none. */
  readonly ropeFactors: Float32Array | null;
}

/** {@link GgufFacts} of a header. */
export function ggufFacts(
  header: GgufHeader,
  architecture: string,
  ropeFactors: Float32Array | null,
  what: string,
): GgufFacts {
  const { metadata, tensors } = header;
  const own = (key: string): GgufValue | undefined => metadata[`${architecture}.${key}`];
  const bad = (key: string, needed: string, got: unknown): SaeError =>
    new SaeError("bad_metadata", `${what}: needed ${needed} as ${architecture}.${key}, got ${String(got)}`);
  return {
    what,
    number(key, ...missing) {
      const found = own(key);
      if (found === undefined) {
        if (missing.length > 0) return missing[0];
        throw bad(key, "a number", "none");
      }
      const value = Array.isArray(found) && found.every((item) => item === found[0]) ? found[0] : found;
      if (typeof value !== "number") throw bad(key, "a number, the same for all layers", value);
      return shortest(value);
    },
    text(key) {
      const found = own(key);
      if (found !== undefined && typeof found !== "string") throw bad(key, "a text", found);
      return found;
    },
    truth(key, missing) {
      const found = own(key) ?? missing;
      if (typeof found !== "boolean") throw bad(key, "true or false", found);
      return found;
    },
    value: (key) => metadata[key],
    has: (tensor) => tensors.has(tensor),
    shape(tensor) {
      const info = tensors.get(tensor);
      if (info === undefined) throw new SaeError("bad_metadata", `${what}: needed tensor ${tensor}, got none`);
      return info.shape;
    },
    ropeFactors,
  };
}

/** The shortest decimal number that has this float32: 1e-5 was meant where the file has 0.000009999999747378752. */
function shortest(value: number): number {
  if (Number.isInteger(value) || Math.fround(value) !== value) return value;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === value) return candidate;
  }
  return value;
}

/** Numbers of the tokens that begin and end a text, as config.json has them. */
export function tokenIds(facts: GgufFacts): Record<string, unknown> {
  const bos = facts.value("tokenizer.ggml.bos_token_id");
  const eos = facts.value("tokenizer.ggml.eos_token_id");
  return { ...(bos !== undefined && { bos_token_id: bos }), ...(eos !== undefined && { eos_token_id: eos }) };
}
