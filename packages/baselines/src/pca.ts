import { defineBaseline, noOptions } from "./defineBaseline.js";
import { symmetricEigen } from "./symmetricEigen.js";

/**
 * Principal components as an SAE: latents 2i and 2i + 1 point along the i-th principal direction and against it, the encoder is the transpose and
 * b_dec the mean. With all of them active the reconstruction is exact; the variant's rule keeps the largest.
 */
export const pca = defineBaseline({
  name: "pca",
  title: "PCA",
  description: "Both signs of the principal directions of the data; nothing is learned.",
  config: noOptions,
  drawn: false,
  frozen: "all",
  calibrate: true,
  width: ({ dModel, dSae }) => Math.min(dSae, 2 * dModel),
  start: async ({ dModel, dSae, moments }) => {
    const { mean, covariance } = await moments();
    const { vectors } = symmetricEigen(covariance, dModel); // rows [dModel, dModel], largest variance first
    const W_dec = new Float32Array(dSae * dModel); // [dSae, dModel]
    const W_enc = new Float32Array(dModel * dSae); // [dModel, dSae]
    for (let j = 0; j < dSae; j++) {
      const sign = j % 2 === 0 ? 1 : -1;
      for (let d = 0; d < dModel; d++) {
        const value = sign * vectors[(j >> 1) * dModel + d];
        W_dec[j * dModel + d] = value;
        W_enc[d * dSae + j] = value;
      }
    }
    return { W_enc, b_enc: new Float32Array(dSae), W_dec, b_dec: Float32Array.from(mean) };
  },
});
