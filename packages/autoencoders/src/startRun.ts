import { createHash } from "node:crypto";
import { SaeError } from "@sae/core";
import { checkConstraint } from "./checkConstraint.js";
import { unconstrained } from "./constraint.js";
import { type HeldOutBatches, heldOutBatches } from "./heldOutBatches.js";
import { parseConfig } from "./parseConfig.js";
import { recipeSchema } from "./recipe.js";
import type { SaeWeights } from "./sae.js";
import type { ActivationSource } from "./source.js";
import type { TrainOptions } from "./trainOptions.js";
import type { TrainSpec } from "./trainStep.js";

/** Held-out activations that a threshold is calibrated on when the caller does not say. */
const defaultCalibrationRows = 131_072;

/** A run before its first step: what it depends on, and what tells it from others. */
export interface Run {
  readonly spec: TrainSpec;
  readonly source: ActivationSource;
  /** What its threshold is calibrated on after training; null where it has none of that kind. */
  readonly calibratedOn: HeldOutBatches | null;
  /** All that the result depends on, as it is written to run.json. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** SHA-256 of `identity`: a checkpoint of another run is refused. */
  readonly fingerprint: string;
}

/**
 * Parses the options of a run and names it.
 *
 * @throws SaeError `bad_config` for options that the recipe's or the variant's schema refuses, counts that are none, and more active latents than
 *   there are, `bad_definition` for names of parameters that no variant has, `too_few_rows` where a threshold has nothing held out to be calibrated on
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
      dSae === recipe.dSae
        ? `${variant.name}: needed a target L0 of at most dSae = ${dSae}, got ${config.l0}; lower --l0 or raise --d-sae`
        : `baseline '${constraint.name}': needed a target L0 of at most its own ${dSae} latents (dModel is ${source.dModel}), got ${config.l0}; lower --l0 or leave ${constraint.name} out`,
    );
  }
  const spec: TrainSpec = { variant, config, constraint, recipe, dModel: source.dModel, dSae };
  checkConstraint(spec);
  const calibrationRows = options.calibrationRows ?? defaultCalibrationRows;
  const isCalibrated =
    variant.inference === "threshold" || (constraint.calibrate === true && variant.inference !== "topk");
  const calibratedOn = isCalibrated ? heldOutBatches(source, calibrationRows, recipe.batch) : null;
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
    calibrationRows,
  };
  const fingerprint = createHash("sha256").update(JSON.stringify(identity)).digest("hex");
  return { spec, source, calibratedOn, identity, fingerprint };
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
