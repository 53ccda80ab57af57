/*
 *   fBase, fSource [rows, dLatent]     w [dLatent]     xBase, z [rows, dModel]
 */
import { add, mul, sub, type Tensor } from "@sae/core";
import type { Featurizer } from "./featurizer.js";

/** Two activations in features, and how much of each is taken. */
export interface Mixture {
  readonly fBase: Tensor;
  readonly fSource: Tensor;
  /** Share of the source in each feature, from 0 to 1. */
  readonly w: Tensor;
  /** The base's activation itself, when what the features do not explain of it shall stay; null to drop that. */
  readonly xBase: Tensor | null;
}

/** z = decode((1 − w) f_base + w f_source), with the error term x_base − decode(f_base) added where it is kept. */
export function mixFeatures(
  featurizer: Featurizer,
  { fBase, fSource, w, xBase }: Mixture,
  p: Readonly<Record<string, Tensor>>,
): Tensor {
  const f = add(fBase, mul(w, sub(fSource, fBase))); // [rows, dLatent]
  const z = featurizer.decode(f, p); // [rows, dModel]
  return xBase === null ? z : add(z, sub(xBase, featurizer.decode(fBase, p)));
}
