import type { AnyFamily, ModelSizes } from "./defineFamily.js";
import type { Tokenizer } from "./tokenizers/tokenizer.js";

/** A language model ready to be compiled: family, numbers, weights that are read when a program first needs them. */
export interface LanguageModel {
  /** How it was asked for: "embedded", a registry name, a hub id or a path. */
  readonly name: string;
  readonly family: AnyFamily;
  /** The family's own config, parsed. */
  readonly config: unknown;
  readonly sizes: ModelSizes;
  /** Null when the checkpoint came without one. */
  readonly tokenizer: Tokenizer | null;
  /** One weight as float32. Read once and kept: all programs of a model share the same memory. */
  weight(name: string): Promise<Float32Array>;
  /** What identifies the weights, for job configs: sha256 of the files or of the tensors, revision. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** Forgets the weights and closes files. */
  close(): Promise<void>;
}
