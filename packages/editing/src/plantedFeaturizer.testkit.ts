import { add, fillNormal, fold, key, matmul, relu, type Tensor } from "@sae/core";
import type { Featurizer } from "./featurizer.js";

/** Features that are not the model's: ReLU of random directions, decoded by other ones, with a bias. */
export function plantedFeaturizer(dModel: number, dLatent: number): Featurizer {
  const drawn = (name: string, shape: readonly number[]) => ({
    shape,
    data: fillNormal(fold(key("planted"), name), new Float32Array(shape.reduce((a, b) => a * b))).map((v) => 0.4 * v),
  });
  return {
    name: "planted",
    dModel,
    dLatent,
    weights: {
      W_enc: drawn("W_enc", [dModel, dLatent]),
      W_dec: drawn("W_dec", [dLatent, dModel]),
      b_dec: drawn("b_dec", [dModel]),
    },
    encode: (x, { W_enc }) => relu(matmul(x, W_enc as Tensor)),
    decode: (f, { W_dec, b_dec }) => add(matmul(f, W_dec as Tensor), b_dec as Tensor),
  };
}
