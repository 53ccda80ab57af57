import { add, div, greater, greaterOrEqual, mul, rowDot, sqrt, sub, type Tensor, where } from "@sae/core";
import { z } from "zod";
import { defineBaseline } from "./defineBaseline.js";

/** Length below which what is left of a unit row without its part along u is rounding error: the row is u or −u. */
const rounding = 1e-6;

/**
 * Unit rows that have drifted too far from their initial ones, put back on the edge of the cap ⟨d, u⟩ ≥ τ: with c = ⟨d, u⟩ < τ and p = d − c·u,
 * d ← τ·u + √(1 − τ²)·p/‖p‖, the closest point of the cap; d = −u, which has no closest point, becomes u. Other rows keep their bits.
 *
 * @param w unit rows d [rows, n]
 * @param initial unit rows u [rows, n]
 * @param tau τ, from −1 to 1
 */
export function ontoCap(w: Tensor, initial: Tensor, tau: number): Tensor {
  const c = rowDot(w, initial, true); // [rows, 1]
  const rest = sub(w, mul(initial, c)); // [rows, n]
  // Once more: near −u the first difference is mostly rounding error, which need not be orthogonal to u.
  const p = sub(rest, mul(initial, rowDot(rest, initial, true)));
  const norm = sqrt(rowDot(p, p, true)); // [rows, 1]
  const hasDirection = greater(norm, rounding);
  const along = where(hasDirection, tau, 1); // [rows, 1]
  const across = where(hasDirection, div(Math.sqrt(1 - tau * tau), norm), 0);
  return where(greaterOrEqual(c, tau), w, add(mul(initial, along), mul(p, across)));
}

/** Directions that may turn, but only within a cap around their random start. Paper, section 4, baseline 2. */
export const softFrozenDecoder = defineBaseline({
  name: "soft_frozen_decoder",
  title: "Soft-frozen decoder",
  description: "Every decoder row is learned within a cosine of τ of its random draw, everything else freely.",
  config: z.strictObject({
    tau: z.number().min(-1).max(1).default(0.8).describe("least cosine τ of a decoder row with its initial one"),
  }),
  drawn: true,
  project: { W_dec: ({ w, initial, config }) => ontoCap(w, initial, config.tau) },
});
