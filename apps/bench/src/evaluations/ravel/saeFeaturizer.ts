/*
 *   x [rows, dModel]     f [rows, dSae]
 */
import { inferenceCodes, type Sae, type SaeParams, weightShapes } from "@sae/autoencoders";
import {
  add,
  addAlongLastAxis,
  type Codes,
  constant,
  full,
  matmul,
  mul,
  reshape,
  scatterAddRows,
  slice,
  type Tensor,
} from "@sae/core";
import type { Featurizer } from "@sae/editing";

/** The latents of an SAE, under its rule for use, as features to edit with. */
export function saeFeaturizer(sae: Sae, name = "SAE"): Featurizer {
  const { dModel, dSae, activation, weights } = sae;
  const shapes = weightShapes(sae);
  return {
    name,
    dModel,
    dLatent: dSae,
    weights: Object.fromEntries(
      Object.entries(weights).map(([weight, data]) => [weight, { shape: shapes[weight], data }]),
    ),
    encode: (x, p) => denseCodes(inferenceCodes(x, p as unknown as SaeParams, activation), x),
    decode: (f, p) => add(matmul(f, p.W_dec), p.b_dec),
  };
}

/** Codes laid out as [rows, dSae], for a number of rows that is known. */
function denseCodes({ values, pattern, dSae, batch }: Codes, x: Tensor): Tensor {
  if (pattern === null) return values;
  const rows = batch as number;
  // Zeros that are computed: as a constant they would be a part of the program, and a large one.
  const zeros = add(mul(slice(x, 1, 0, 1), 0), full(0, [dSae])); // [rows, dSae]
  if (!pattern.row) return addAlongLastAxis(zeros, pattern.col, values);
  const place = add(mul(pattern.row, constant(dSae, [], "int64")), pattern.col);
  return reshape(scatterAddRows(place, values, reshape(zeros, [rows * dSae])), [rows, dSae]);
}
