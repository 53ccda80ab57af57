/*
 * Data with known features: x = Σ_i b_i c_i f_i, with unit directions f_i, b_i ~ Bernoulli(p_i), c_i ~ LogNormal.
 *
 *   b batch, m features, n = dModel
 */

import {
  drawUnitRows,
  fillUniform,
  fold,
  type Key,
  key,
  normalSequence,
  portableExp,
  portableLog,
  SaeError,
  sequence,
} from "@sae/core";
import { type SparseRows, sparseProduct } from "./sparseProduct.js";

/** How often the features are active. */
export type FeatureProbability =
  /** Every feature with probability p. */
  | { readonly kind: "constant"; readonly p: number }
  /** Each feature with its own probability 10^u, u uniform in [logMin, logMax]. */
  | { readonly kind: "log_uniform"; readonly logMin: number; readonly logMax: number };

/**
 * Distribution of the magnitude of an active feature: exp(mu + sigma z), z standard normal. "Log-normal(0, 0.25)" in
 * papers may mean either, hence both names.
 */
export type FeatureMagnitude =
  | { readonly mu: number; readonly sigma: number }
  | { readonly mu: number; readonly variance: number };

/** What {@link syntheticModel} is made from. */
export interface SyntheticConfig {
  readonly seed: number | string;
  /** Dimension of the data; default 100. */
  readonly dModel?: number;
  /** Number of true features; default 3200. */
  readonly features?: number;
  readonly probability: FeatureProbability;
  /** Default {mu: 0, sigma: 0.25}. */
  readonly magnitude?: FeatureMagnitude;
}

/** The constant-probability setting of arXiv 2602.14111, section 3: 3200 features in 100 dimensions, 20 active. */
export const constantProbability = {
  dModel: 100,
  features: 3200,
  probability: { kind: "constant", p: 0.00625 },
  magnitude: { mu: 0, sigma: 0.25 },
} as const satisfies Omit<SyntheticConfig, "seed">;

/** The variable-probability setting of arXiv 2602.14111, section 3: as {@link constantProbability}, about 20.4 active. */
export const variableProbability = {
  ...constantProbability,
  probability: { kind: "log_uniform", logMin: -5.5, logMax: -1.2 },
} as const satisfies Omit<SyntheticConfig, "seed">;

/** Index of the first of the batches kept for evaluation: no training run gets so far. */
export const HELD_OUT = 2 ** 40;

/** A source of synthetic activations whose true features are known. */
export interface SyntheticModel {
  readonly dModel: number;
  readonly features: number;
  /** [features, dModel], rows of unit length. */
  readonly directions: Float32Array;
  /** [features] */
  readonly probabilities: Float64Array;
  /** Mean number of active features in a sample: the sum of the probabilities. */
  readonly expectedL0: number;
  /**
   * Samples number `index * batchSize` and following. They depend on the seed, the index and the batch size only.
   *
   * @param index whole number from 0 to 2^53 - 1; from {@link HELD_OUT} on for evaluation
   * @param out [batchSize, dModel], allocated when left out
   * @returns out
   * @throws SaeError `shape_mismatch`, `bad_seed` (for the index)
   */
  batch(index: number, batchSize: number, out?: Float32Array): Float32Array;
  /** As `batch`, with the magnitudes of the active features of each sample, sparse [batchSize, features]. */
  batchWithCodes(index: number, batchSize: number): { x: Float32Array; codes: SparseRows };
}

/**
 * Draws the features and returns the source of samples.
 *
 * Active features are found by jumping, feature by feature, from one active sample to the next (the gaps between
 * successes of a Bernoulli sequence are geometric), so a batch costs as much as it has active features, not
 * batchSize × features.
 *
 * Source: arXiv 2602.14111, section 3 and appendix B.
 *
 * @throws SaeError `bad_config`
 */
export function syntheticModel(config: SyntheticConfig): SyntheticModel {
  const { dModel = 100, features = 3200, probability, magnitude = { mu: 0, sigma: 0.25 } } = config;
  checkSizes(dModel, features);
  const { mu, sigma } = scaleOf(magnitude);
  const root = key(config.seed);
  const directions = drawUnitRows(fold(root, "directions"), features, dModel);
  const probabilities = drawProbabilities(fold(root, "probabilities"), features, probability);
  const expectedL0 = probabilities.reduce((sum, p) => sum + p, 0);
  const draw = codeSampler(probabilities, expectedL0, mu, sigma);
  const multiply = sparseProduct(directions, dModel);

  const sample = (index: number, batchSize: number, out: Float32Array): SparseRows => {
    const codes = draw(fold(root, "batch", index), batchSize);
    multiply(codes, out);
    return codes;
  };
  return {
    dModel,
    features,
    directions,
    probabilities,
    expectedL0,
    batch(index, batchSize, out = new Float32Array(batchSize * dModel)) {
      sample(index, batchSize, out);
      return out;
    },
    batchWithCodes(index, batchSize) {
      const x = new Float32Array(batchSize * dModel);
      const { rowStart, columns, values } = sample(index, batchSize, x);
      return { x, codes: { rowStart: rowStart.slice(), columns: columns.slice(), values: values.slice() } };
    },
  };
}

/** Draws the sparse magnitudes of a batch; the arrays returned are overwritten by the next call. */
function codeSampler(probabilities: Float64Array, expectedL0: number, mu: number, sigma: number) {
  const m = probabilities.length;
  const gapScale = probabilities.map(gapScaleOf);
  const featureEnd = new Uint32Array(m);
  let sampleOf = new Uint32Array(0); // [entries], feature by feature
  let columns = new Uint32Array(0); // [entries], sample by sample
  let values = new Float32Array(0); // [entries]

  return (batchKey: Key, batchSize: number): SparseRows => {
    const next = sequence(fold(batchKey, "active"));
    const rowStart = new Uint32Array(batchSize + 1);
    let count = 0;
    for (let feature = 0; feature < m; feature++) {
      const scale = gapScale[feature];
      for (let sample = -1; ; count++) {
        sample += 1 + Math.floor(portableLog((next() + 0.5) * 2 ** -32) * scale);
        if (sample >= batchSize) break;
        if (count === sampleOf.length) grow(Math.max(1024, 2 * count, Math.ceil(1.1 * expectedL0 * batchSize)));
        sampleOf[count] = sample;
        rowStart[sample + 1] += 1;
      }
      featureEnd[feature] = count;
    }
    // counting sort by sample; features stay in ascending order within a sample
    for (let sample = 0; sample < batchSize; sample++) rowStart[sample + 1] += rowStart[sample];
    const place = rowStart.slice();
    for (let feature = 0, j = 0; feature < m; feature++) {
      for (; j < featureEnd[feature]; j++) columns[place[sampleOf[j]]++] = feature;
    }
    const normal = normalSequence(fold(batchKey, "magnitude"));
    for (let j = 0; j < count; j++) values[j] = portableExp(mu + sigma * normal());
    return { rowStart, columns: columns.subarray(0, count), values: values.subarray(0, count) };
  };

  function grow(size: number): void {
    const filled = sampleOf;
    sampleOf = new Uint32Array(size);
    sampleOf.set(filled);
    columns = new Uint32Array(size);
    values = new Float32Array(size);
  }
}

/** A gap of a Bernoulli sequence is ⌊ln u · this⌋, u uniform in (0, 1): never a success for p = 0, always for p = 1. */
function gapScaleOf(p: number): number {
  const failure = 1 - p;
  if (failure === 0) return -0;
  return failure === 1 ? Number.NEGATIVE_INFINITY : 1 / portableLog(failure);
}

function drawProbabilities(key: Key, features: number, probability: FeatureProbability): Float64Array {
  if (probability.kind === "constant") {
    const { p } = probability;
    if (!(p >= 0 && p <= 1)) throw badConfig(`probability.p from 0 to 1, got ${p}`);
    return new Float64Array(features).fill(p);
  }
  const { logMin, logMax } = probability;
  if (!(logMin <= logMax && logMax <= 0)) {
    throw badConfig(`probability.logMin <= probability.logMax <= 0 (base 10), got ${logMin} and ${logMax}`);
  }
  const uniform = fillUniform(key, new Float64Array(features));
  return uniform.map((u) => portableExp(Math.LN10 * (logMin + u * (logMax - logMin))));
}

function checkSizes(dModel: number, features: number): void {
  for (const [name, size] of Object.entries({ dModel, features })) {
    if (!Number.isSafeInteger(size) || size < 1) throw badConfig(`${name} to be a positive whole number, got ${size}`);
  }
}

function scaleOf(magnitude: FeatureMagnitude): { mu: number; sigma: number } {
  const sigma = "sigma" in magnitude ? magnitude.sigma : Math.sqrt(magnitude.variance);
  if (!(sigma >= 0) || !Number.isFinite(magnitude.mu)) {
    throw badConfig(`a finite magnitude.mu and a spread of at least 0, got ${JSON.stringify(magnitude)}`);
  }
  return { mu: magnitude.mu, sigma };
}

const badConfig = (needed: string): SaeError => new SaeError("bad_config", `syntheticModel: needed ${needed}`);
