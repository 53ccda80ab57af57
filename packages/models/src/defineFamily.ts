/*
 *   batch  texts      seq  tokens of a text      tokens int64 [batch, seq]      x [batch, seq, dModel]      logits [batch, seq, dVocab]
 */
import type { Tensor } from "@sae/core";
import type { Causality } from "./blocks/causality.js";

/** The sizes that every decoder language model has. */
export interface ModelSizes {
  readonly dModel: number;
  readonly nLayers: number;
  /** Longest text in tokens that the model was made for. */
  readonly nCtx: number;
  readonly dVocab: number;
}

/** What a family's forward function gets. */
export interface ForwardArguments<Config> {
  readonly config: Config;
  /** int64 [batch, seq]. Shorter texts are padded on the right with any token: causality keeps padding from what comes before it. */
  readonly tokens: Tensor;
  /** The weight of this name as the family's `weights` lists it: float32, of that shape. */
  readonly p: (name: string) => Tensor;
  /**
   * Where the tokens stand in their texts, and what they attend to. A family that takes positions and masks from here, and lets it remember the keys and
   * values of every layer, can go on from texts that it has read; others read them again for each token that they write.
   */
  readonly causal: Causality;
  /** Every tensor that has a hook name goes through here, and the result is used in its place. */
  readonly hook: (name: string, x: Tensor) => Tensor;
}

/** A family of decoder language models: one architecture, whose members differ in numbers only. */
export interface FamilyDefinition<Config = unknown> {
  /** `model_type` of a Hugging Face config.json. */
  readonly name: string;
  readonly title: string;
  /** Where the architecture is described. */
  readonly paper: string;
  /** Reads a Hugging Face config.json: its numbers checked, everything that the family cannot do refused. */
  readonly config: {
    /** Checks and converts. */
    parse(value: unknown): Config;
  };
  /** The sizes that every model has. */
  readonly sizes: (config: Config) => ModelSizes;
  /** Names (those of the Hugging Face checkpoint) and stored shapes of the weights. */
  readonly weights: (config: Config) => Readonly<Record<string, readonly number[]>>;
  /** Start of the names that a checkpoint of the model without its head leaves out: "transformer." of GPT-2's, for one. */
  readonly basePrefix: string;
  /** Other names under which a checkpoint may have a weight: a tied embedding stored as the head, for one. */
  readonly aliases?: (config: Config) => Readonly<Record<string, readonly string[]>>;
  /** Names of its hooks in the order in which `forward` meets them. */
  readonly hookNames: (config: Config) => readonly string[];
  /** tokens [batch, seq] → logits [batch, seq, dVocab]. */
  readonly forward: (args: ForwardArguments<Config>) => Tensor;
}

/** A definition whose config type is its own affair. */
// biome-ignore lint/suspicious/noExplicitAny: a list of families with different configs has no other type
export type AnyFamily = FamilyDefinition<any>;

/** Checks the types of a family and returns it. */
export const defineFamily = <Config>(definition: FamilyDefinition<Config>): FamilyDefinition<Config> => definition;
