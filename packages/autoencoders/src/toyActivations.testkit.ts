import { fillNormal, fillUniform, fold, key } from "@sae/core";

export interface ToyOptions {
  readonly rows: number;
  readonly dModel: number;
  /** Unit directions that the data is made of. */
  readonly features?: number;
  /** Mean number of features in an input. */
  readonly active?: number;
  readonly seed?: number;
  /** Added to every coordinate. */
  readonly offset?: number;
}

/** Sums of a few random directions with magnitudes between 0.5 and 1.5: data [rows, dModel] that an SAE can explain. */
export function toyActivations({
  rows,
  dModel,
  features = 3 * dModel,
  active = 3,
  seed = 0,
  offset = 0,
}: ToyOptions): Float32Array {
  const root = fold(key(seed), "toy");
  const directions = fillNormal(fold(root, "directions"), new Float64Array(features * dModel));
  for (let i = 0; i < features; i++) {
    const row = directions.subarray(i * dModel, (i + 1) * dModel);
    const norm = Math.hypot(...row);
    for (let d = 0; d < dModel; d++) row[d] /= norm;
  }
  const chance = fillUniform(fold(root, "active"), new Float64Array(rows * features));
  const magnitude = fillUniform(fold(root, "magnitude"), new Float64Array(rows * features));
  const x = new Float64Array(rows * dModel).fill(offset);
  for (let at = 0; at < chance.length; at++) {
    if (chance[at] >= active / features) continue;
    const [row, feature] = [Math.floor(at / features), at % features];
    for (let d = 0; d < dModel; d++) x[row * dModel + d] += (0.5 + magnitude[at]) * directions[feature * dModel + d];
  }
  return Float32Array.from(x);
}
