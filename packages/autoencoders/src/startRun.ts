import { createHash } from "node:crypto";
import { SaeError } from "@sae/core";
import { unconstrained } from "./constraint.js";
import { parseConfig } from "./parseConfig.js";
import { recipeSchema } from "./recipe.js";
import type { SaeWeights } from "./sae.js";
import type { ActivationSource } from "./source.js";
import type { TrainOptions } from "./trainOptions.js";
import type { TrainSpec } from "./trainStep.js";

/** Held-out activations that a threshold is calibrated on when the caller does not say. */
export const defaultCalibrationRows = 131_072;

/** A run before its first step: what it depends on, and what tells it from others. */
export interface Run {
  readonly spec: TrainSpec;
  readonly source: ActivationSource;
  /** All that the result depends on, as it is written to run.json. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** SHA-256 of `identity`: a checkpoint of another run is refused. */
  readonly fingerprint: string;
}

/**
 * Parses the options of a run and names it.
 *
 * @throws SaeError `bad_config` for options that the recipe's or the variant's schema refuses, counts that are none, and more active latents than
 *   there are
 */
export function startRun(options: TrainOptions): Run {
  checkCounts(options);
  const { variant, source, constraint = unconstrained } = options;
  const recipe = parseConfig(recipeSchema, options.recipe, "recipe");
  const config = parseConfig(variant.config, options.config, `options of '${variant.name}'`) as TrainSpec["config"];
  const sizes = { dModel: source.dModel, dSae: recipe.dSae };
  const dSae = constraint.width?.(sizes) ?? recipe.dSae;
  if (config.l0 > dSae) {
    throw new SaeError(
      "bad_config",
      `${variant.name}: needed a target L0 of at most dSae = ${dSae}, got ${config.l0}; lower --l0 or raise --d-sae`,
    );
  }
  const spec: TrainSpec = { variant, config, constraint, recipe, dModel: source.dModel, dSae };
  const hashes = (weights: Partial<SaeWeights> = {}) =>
    Object.fromEntries(Object.entries(weights).flatMap(([name, data]) => (data ? [[name, sha256(data)]] : [])));
  const identity = {
    ...options.metadata,
    variant: variant.name,
    config,
    constraint: constraint.name,
    constraintConfig: constraint.config ?? {},
    recipe,
    data: source.identity,
    initial: hashes(options.initial),
    ...(constraint.needs === "trained" && { trained: hashes(options.trained) }),
    snapshots: options.snapshots ?? [],
    logEvery: options.logEvery ?? 100,
    calibrationRows: options.calibrationRows ?? defaultCalibrationRows,
  };
  return { spec, source, identity, fingerprint: createHash("sha256").update(JSON.stringify(identity)).digest("hex") };
}

function checkCounts({ logEvery, calibrationRows, snapshots = [] }: TrainOptions): void {
  const counts = {
    logEvery,
    calibrationRows,
    ...Object.fromEntries(snapshots.map((at, i) => [`snapshots[${i}]`, at])),
  };
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && !(Number.isSafeInteger(count) && count > 0)) {
      throw new SaeError(
        "bad_config",
        `train: needed ${name} to be a whole number of at least 1, got ${count}; leave it out for its default`,
      );
    }
  }
}

const sha256 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");
