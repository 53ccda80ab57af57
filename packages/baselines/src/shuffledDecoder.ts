import { fold, key, permutation, SaeError } from "@sae/core";
import { defineBaseline, noOptions } from "./defineBaseline.js";

/**
 * The trained SAE with its decoder rows permuted: latents fire on exactly the same inputs, so scores that look at the encoder only cannot tell it from
 * the original, and reconstruction falls to chance.
 */
export const shuffledDecoder = defineBaseline({
  name: "shuffled_decoder",
  title: "Shuffled decoder",
  description: "The trained SAE with its decoder rows permuted; nothing is learned.",
  config: noOptions,
  drawn: false,
  needs: "trained",
  sameCodes: true,
  frozen: "all",
  start: ({ trained, dModel, dSae, seed }) => {
    if (trained?.W_dec.length !== dSae * dModel) {
      const needed = `needed a trained SAE of ${dSae} latents in ${dModel} dimensions`;
      throw new SaeError(
        "shape_mismatch",
        `shuffled_decoder: ${needed}, got a decoder of ${trained?.W_dec.length ?? 0} numbers; train it with the same dSae`,
      );
    }
    const order = permutation(fold(key(seed), "shuffled_decoder"), dSae);
    const W_dec = new Float32Array(dSae * dModel); // [dSae, dModel]
    order.forEach((from, to) => {
      W_dec.set(trained.W_dec.subarray(from * dModel, (from + 1) * dModel), to * dModel);
    });
    return { ...trained, W_dec };
  },
});
