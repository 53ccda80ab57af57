/*
 * The angle that a pair of features turns per position: base^(−2i / features), stretched by some models for texts longer than those of
 * pre-training. Configs say it in two ways: `rope_theta` with `rope_scaling` (transformers 4), or one object `rope_parameters` (transformers 5).
 */
import { rotaryFrequencies } from "@sae/core";
import { z } from "zod";
import { unsupported } from "./configReader.js";

const positive = z.number().positive();

const ropeOptions = z.looseObject({
  rope_type: z.string().nullish(),
  /** Older name of rope_type. */
  type: z.string().nullish(),
  rope_theta: positive.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
  factor: positive.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  original_max_position_embeddings: positive.nullish(),
});

type RopeOptions = z.output<typeof ropeOptions>;

/** Fields of a config.json that describe rotary positions. */
export const ropeFields = {
  rope_theta: positive.nullish(),
  rope_scaling: ropeOptions.nullish(),
  rope_parameters: ropeOptions.nullish(),
  partial_rotary_factor: positive.max(1).nullish(),
};

/** What {@link ropeFields} give. */
export type RopeConfig = { readonly [Name in keyof typeof ropeFields]?: z.output<(typeof ropeFields)[Name]> };

const allowed: Readonly<Record<string, readonly (keyof RopeOptions)[]>> = {
  default: [],
  linear: ["factor"],
  llama3: ["factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"],
};

const everywhere = ["rope_type", "type", "rope_theta", "partial_rotary_factor"];

/** The numbers of a type, all of them and no others: an option that were overlooked would give another model. */
function numbersOf(family: string, type: string, options: RopeOptions): Record<string, number> {
  const wanted = allowed[type];
  if (!wanted) throw unsupported(family, `'${type}'`, `a rope type of ${Object.keys(allowed).join(", ")}`);
  const others = Object.keys(options).filter(
    (name) => !wanted.includes(name) && !everywhere.includes(name) && options[name] != null,
  );
  const missing = wanted.filter((name) => options[name] == null);
  // The original length stands in many configs of other types, where nothing reads it.
  const unknown = others.filter((name) => name !== "original_max_position_embeddings");
  if (missing.length > 0 || unknown.length > 0) {
    throw unsupported(
      family,
      [...missing.map((name) => `no ${name}`), ...unknown].join(", "),
      `rope options of type '${type}' (${wanted.join(", ") || "none"})`,
    );
  }
  return Object.fromEntries(wanted.map((name) => [name, options[name] as number]));
}

/**
 * Llama 3's stretching: frequencies that turn slowly within the original length are divided by `factor`, fast ones stay, and between the two
 * limits the result goes linearly (in turns per original length) from one to the other. Llama Team 2024, arXiv 2407.21783; the formula is that
 * of the model's published code.
 */
function stretchLlama3(frequency: number, options: Record<string, number>): number {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: length } = options;
  const turns = (length * frequency) / (2 * Math.PI); // turns of the pair within the original length
  if (turns < low) return frequency / factor;
  if (turns > high) return frequency;
  const kept = (turns - low) / (high - low);
  return kept * frequency + ((1 - kept) * frequency) / factor;
}

/**
 * Angle per position of each pair of features, as a config asks for it; twice as many features of each head are turned.
 *
 * @param dHead size of a head; of its features the first `partial_rotary_factor` (all when left out) are turned
 * @param defaults what the family does where the config says nothing; `whole`: it always turns whole heads
 * @throws SaeError `unsupported_config`
 */
export function ropeFrequencies(
  family: string,
  config: RopeConfig,
  dHead: number,
  defaults: { readonly theta?: number; readonly partial?: number; readonly whole?: boolean } = {},
): number[] {
  const options: RopeOptions = config.rope_parameters ?? config.rope_scaling ?? {};
  const type = options.rope_type ?? options.type ?? "default";
  const numbers = numbersOf(family, type, options);
  const theta = options.rope_theta ?? config.rope_theta ?? defaults.theta ?? 10_000;
  const partial = options.partial_rotary_factor ?? config.partial_rotary_factor ?? defaults.partial ?? 1;
  if (defaults.whole && partial !== 1)
    throw unsupported(family, `partial_rotary_factor ${partial}`, "whole heads turned");
  const features = Math.floor(dHead * partial);
  if (features % 2 !== 0 || features === 0) {
    throw unsupported(family, `${features} of ${dHead}`, "an even number of rotated features of a head");
  }
  const frequencies = rotaryFrequencies(features, theta);
  if (type === "linear") return frequencies.map((frequency) => frequency / numbers.factor);
  if (type === "llama3") return frequencies.map((frequency) => stretchLlama3(frequency, numbers));
  return frequencies;
}
