import { fillNormal, fillUniform, fold, key, portableExp } from "@sae/core";
import { type SparseRows, sparseProductReference } from "./sparseProduct.js";
import type { SyntheticModel } from "./syntheticModel.js";

/**
 * A batch by the definition, slow and obvious: one coin for each (sample, feature), one magnitude for each that comes up
 * heads. Same distribution as `model.batch`, other random numbers.
 *
 * @param magnitude parameters of the log-normal magnitudes
 * @returns x [batchSize, dModel] and the magnitudes, sparse [batchSize, features]
 */
export function referenceBatch(
  model: SyntheticModel,
  seed: number | string,
  batchSize: number,
  magnitude: { mu: number; sigma: number },
): { x: Float32Array; codes: SparseRows } {
  const { features, probabilities, directions, dModel } = model;
  const coins = fillUniform(fold(key(seed), "coins"), new Float64Array(batchSize * features));
  const normals = fillNormal(fold(key(seed), "magnitudes"), new Float64Array(batchSize * features));
  const rowStart = [0];
  const columns: number[] = [];
  const values: number[] = [];
  for (let sample = 0; sample < batchSize; sample++) {
    for (let feature = 0; feature < features; feature++) {
      const i = sample * features + feature;
      if (coins[i] >= probabilities[feature]) continue;
      columns.push(feature);
      values.push(portableExp(magnitude.mu + magnitude.sigma * normals[i]));
    }
    rowStart.push(columns.length);
  }
  const codes = {
    rowStart: Uint32Array.from(rowStart),
    columns: Uint32Array.from(columns),
    values: Float32Array.from(values),
  };
  return { x: sparseProductReference(codes, directions, dModel), codes };
}
