import { SaeError } from "@sae/core";
import type { GgufFacts } from "./ggufFacts.js";

/**
 * How a model stretches its rotary frequencies for long texts: `rope_scaling` of config.json; null when it does not.
 *
 * Llama 3's way is not written down in GGUF files: they hold the factors that came of it. The numbers behind them are those with which the
 * released models give these factors.
 *
 * @throws SaeError `unsupported_config`
 */
export function ropeScaling(facts: GgufFacts, dHead: number, base: number): Record<string, unknown> | null {
  const { ropeFactors, what } = facts;
  if (ropeFactors !== null) return llama3(ropeFactors, dHead, base, what);
  const legacy = facts.number("rope.scale_linear", 1);
  const type = facts.text("rope.scaling.type") ?? (legacy === 1 ? "none" : "linear");
  if (type === "none") return null;
  const factor = facts.number("rope.scaling.factor", legacy);
  if (type === "linear") return factor === 1 || factor === 0 ? null : { rope_type: type, factor };
  return {
    rope_type: type,
    factor,
    original_max_position_embeddings: facts.number("rope.scaling.original_context_length", null),
  };
}

/**
 * Factor of each pair of features in Llama 3.1's scaling: 1 for short waves, `factor` for long ones, between them in between.
 *
 *   Llama 3.1, `apply_scaling` in https://github.com/meta-llama/llama-models
 */
export function llama3Factors(dHead: number, base: number, scaling: Llama3Scaling): number[] {
  const { factor, low_freq_factor: low, high_freq_factor: high, original_max_position_embeddings: context } = scaling;
  return Array.from({ length: dHead / 2 }, (_, pair) => {
    const wave = 2 * Math.PI * base ** ((2 * pair) / dHead); // positions in a full turn
    if (wave < context / high) return 1;
    if (wave > context / low) return factor;
    const smooth = (context / wave - low) / (high - low);
    return 1 / ((1 - smooth) / factor + smooth);
  });
}

/** Numbers of Llama 3.1's scaling. */
export interface Llama3Scaling {
  readonly factor: number;
  readonly low_freq_factor: number;
  readonly high_freq_factor: number;
  readonly original_max_position_embeddings: number;
}

function llama3(factors: Float32Array, dHead: number, base: number, what: string): Record<string, unknown> | null {
  const factor = Math.max(...factors);
  if (factors.every((value) => value === 1)) return null;
  const scaling = { factor, low_freq_factor: 1, high_freq_factor: 4, original_max_position_embeddings: 8192 };
  const expected = llama3Factors(dHead, base, scaling);
  const same =
    factors.length === expected.length && expected.every((value, i) => Math.abs(factors[i] / value - 1) < 1e-4);
  if (same) return { rope_type: "llama3", ...scaling };
  throw new SaeError(
    "unsupported_config",
    `${what}: needed the rotary factors of Llama 3.1 in rope_freqs.weight, got others (largest ${factor}); use a checkpoint with a config.json`,
  );
}
