import { SaeError } from "@sae/core";
import type { Checkpoint } from "./checkpoint.js";
import { hasOwnInference } from "./defineSae.js";
import { transposed } from "./initialWeights.js";
import type { Activation, Sae, SaeWeights } from "./sae.js";
import { storedShapes, type TrainSpec } from "./trainStep.js";

/** Weights in the public layout, for activations multiplied by `scale`: biases and thresholds grow with them, matrices do not. */
export function scaledWeights(
  { variant, config, dModel, dSae }: TrainSpec,
  weights: SaeWeights,
  scale: number,
): SaeWeights {
  const extra = variant.extraParams?.({ dModel, dSae }, config) ?? {};
  const grows = (name: string) =>
    name === "b_enc" || name === "b_dec" || name === "threshold" || extra[name]?.scales === true;
  return Object.fromEntries(
    Object.entries(weights).map(([name, data]) => [name, grows(name) ? data.map((value) => value * scale) : data]),
  ) as SaeWeights;
}

/**
 * The SAE that a state of training holds, for raw activations; where a threshold is calibrated, it has none yet.
 *
 * @throws SaeError `bad_definition` for an inference rule that there is not
 */
export function trainedSae(spec: TrainSpec, state: Checkpoint["state"], scale: number): Sae {
  const { dModel, dSae } = spec;
  const stored = Object.fromEntries(Object.keys(storedShapes(spec)).map((name) => [name, state[name]]));
  const weights = scaledWeights(
    spec,
    { ...stored, W_enc: transposed(stored.W_enc, dSae, dModel) } as SaeWeights,
    scale,
  );
  return { dModel, dSae, activation: activationOf(spec), weights };
}

function activationOf(spec: TrainSpec): Activation {
  const { variant, config } = spec;
  if (hasOwnInference(variant)) return { kind: "variant", variant, config };
  switch (variant.inference) {
    case "topk":
      return { kind: "topk", k: Math.floor(config.l0) };
    case "threshold":
    case "own":
      return { kind: "threshold" in storedShapes(spec) ? "threshold" : "relu" };
    default:
      throw new SaeError(
        "bad_definition",
        `variant '${variant.name}': needed inference topk, threshold, own or { encode }, got '${variant.inference}'; make it with defineSae, which checks it`,
      );
  }
}
