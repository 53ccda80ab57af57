/*
 * Which true features did a dictionary find?
 *
 *   m true features, s = dSae latents, n = dModel
 */

import { SaeError } from "@sae/core";
import { wilsonInterval } from "@sae/metrics";
import { sparseProduct } from "./sparseProduct.js";

/** Cosines above which a feature is usually called recovered; arXiv 2602.14111 uses 0.8. */
export const RECOVERY_THRESHOLDS: readonly number[] = [0.8, 0.9];

/** The best latent of each true feature. */
export interface FeatureRecovery {
  /** [m] signed cosine with the nearest decoder row; 0 where that row is zero. */
  readonly bestCosine: Float32Array;
  /** [m] index of that row, the lowest of equals. */
  readonly bestLatent: Uint32Array;
  /** Mean of `bestCosine`. */
  readonly mean: number;
}

/** How many features have a best cosine strictly above a threshold. */
export interface RecoveredFraction {
  readonly threshold: number;
  readonly count: number;
  readonly fraction: number;
  /** Ends of the 95 % Wilson interval of the fraction; [0, 1] when there is no feature, because then nothing is known. */
  readonly low: number;
  readonly high: number;
}

/**
 * For each true feature the largest signed cosine with a decoder row.
 *
 * Source: arXiv 2602.14111, Eq. 6.
 *
 * @param dictionary W_dec [s, n], rows of any length; directions [m, n], unit rows; dModel n
 * @throws SaeError `shape_mismatch`, `non_finite`
 */
export function featureRecovery(dictionary: {
  W_dec: Float32Array;
  directions: Float32Array;
  dModel: number;
}): FeatureRecovery {
  return recoveryOf(dictionary.directions, dictionary.dModel)(dictionary.W_dec);
}

/**
 * {@link featureRecovery} prepared for many dictionaries.
 *
 * @param directions [m, n], unit rows
 * @throws SaeError `shape_mismatch`; the function returned throws as {@link featureRecovery}
 */
export function recoveryOf(directions: Float32Array, dModel: number): (W_dec: Float32Array) => FeatureRecovery {
  const m = rowCount("directions", directions, dModel);
  const cosines = sparseProduct(transpose(directions, m, dModel), m); // [latents, n] · [n, m]
  const out = new Float32Array(LATENTS_AT_ONCE * m);

  return (W_dec) => {
    const latents = rowCount("W_dec", W_dec, dModel);
    if (latents === 0) throw new SaeError("shape_mismatch", "featureRecovery: needed at least one latent, got none");
    const unit = normaliseRows(W_dec, dModel);
    const bestCosine = new Float32Array(m).fill(Number.NEGATIVE_INFINITY);
    const bestLatent = new Uint32Array(m);
    for (let first = 0; first < latents; first += LATENTS_AT_ONCE) {
      const count = Math.min(LATENTS_AT_ONCE, latents - first);
      cosines(denseRows(unit.subarray(first * dModel, (first + count) * dModel), dModel), out.subarray(0, count * m));
      for (let latent = 0; latent < count; latent++) {
        for (let feature = 0; feature < m; feature++) {
          const cosine = out[latent * m + feature];
          if (cosine > bestCosine[feature]) {
            bestCosine[feature] = cosine;
            bestLatent[feature] = first + latent;
          }
        }
      }
    }
    return { bestCosine, bestLatent, mean: meanOf(bestCosine) };
  };
}

/**
 * Number and fraction of features whose best cosine is strictly above each threshold.
 *
 * @param bestCosine [m]
 */
export function recoveredFractions(
  bestCosine: Float32Array,
  thresholds: readonly number[] = RECOVERY_THRESHOLDS,
): RecoveredFraction[] {
  const features = bestCosine.length;
  return thresholds.map((threshold) => {
    const count = bestCosine.reduce((sum, cosine) => sum + (cosine > threshold ? 1 : 0), 0);
    if (features === 0) return { threshold, count, fraction: 0, low: 0, high: 1 };
    const { mean: fraction, low, high } = wilsonInterval(count, features);
    return { threshold, count, fraction, low, high };
  });
}

/** Mean in double precision; 0 of nothing. */
export const meanOf = (values: Float32Array | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return values.length === 0 ? 0 : sum / values.length;
};

const LATENTS_AT_ONCE = 64;

function rowCount(name: string, matrix: Float32Array, dModel: number): number {
  const rows = matrix.length / dModel;
  if (!Number.isSafeInteger(rows)) {
    throw new SaeError(
      "shape_mismatch",
      `featureRecovery: needed ${name} to have rows of ${dModel} values, got ${matrix.length} values; pass whole rows of that dModel`,
    );
  }
  return rows;
}

function transpose(matrix: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = matrix[row * columns + column];
  }
  return out;
}

/** All entries of a dense matrix as sparse rows. */
function denseRows(values: Float32Array, width: number) {
  const rows = values.length / width;
  return {
    rowStart: Uint32Array.from({ length: rows + 1 }, (_, row) => row * width),
    columns: Uint32Array.from({ length: values.length }, (_, i) => i % width),
    values,
  };
}

function normaliseRows(matrix: Float32Array, width: number): Float32Array {
  const out = new Float32Array(matrix.length);
  for (let start = 0; start < matrix.length; start += width) {
    let squares = 0;
    for (let i = start; i < start + width; i++) squares += matrix[i] * matrix[i];
    if (!Number.isFinite(squares)) {
      throw new SaeError(
        "non_finite",
        `featureRecovery: needed finite decoder rows, got NaN or infinity in row ${start / width}; did the training diverge?`,
      );
    }
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let i = start; i < start + width; i++) out[i] = matrix[i] * scale;
  }
  return out;
}
