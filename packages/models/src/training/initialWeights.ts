import { fillNormal, fold, key } from "@sae/core";
import type { AnyFamily } from "../defineFamily.js";

/** Matrices whose product is added to the residual stream, by the names that the families give them. */
const intoResidual = /\.(o_proj|down_proj|c_proj|dense|dense_4h_to_h)\.weight$/;

/**
 * Random weights to start training from: matrices normal, those that write into the residual stream divided by √(2 nLayers) so that its
 * variance does not grow with depth (Radford et al. 2019, section 2.3), norms neutral, biases zero. Every weight has a stream of its own name.
 *
 * @param scale standard deviation of the matrices
 * @param seed names the draw
 */
export function initialWeights(
  family: AnyFamily,
  config: unknown,
  { scale, seed }: { readonly scale: number; readonly seed: number },
): Record<string, Float32Array> {
  const { nLayers } = family.sizes(config);
  // Gemma stores its scales as differences to 1.
  const neutral = family.name.startsWith("gemma") ? 0 : 1;
  return Object.fromEntries(
    Object.entries(family.weights(config)).map(([name, shape]) => {
      const weight = new Float32Array(shape.reduce((product, dim) => product * dim, 1));
      if (shape.length < 2) return [name, weight.fill(name.endsWith(".bias") ? 0 : neutral)];
      const deviation = scale / (intoResidual.test(name) ? Math.sqrt(2 * nLayers) : 1);
      return [name, fillNormal(fold(key(seed), "init", name), weight).map((value) => value * deviation)];
    }),
  );
}
