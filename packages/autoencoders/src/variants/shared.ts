import {
  add,
  atLatents,
  type Codes,
  cast,
  constant,
  decode,
  equal,
  greater,
  greaterOrEqual,
  less,
  mean,
  mul,
  neg,
  reduceMax,
  reshape,
  slice,
  spmm,
  square,
  stopGradient,
  sub,
  sum,
  type Tensor,
  where,
  withValues,
} from "@sae/core";
import { z } from "zod";
import type { LossArguments, SaeParams, ScalarState } from "../defineSae.js";

/** The option that every architecture has. */
export const l0Option = z.number().positive().describe("target number of active latents per input (L0)");

/** Mean over the batch of Σ_d (x̂ − x)². */
export const reconstructionLoss = (x: Tensor, xHat: Tensor): Tensor => mean(sum(square(sub(xHat, x)), [1]));

/** f W_dec + b_dec. */
export const reconstruct = (codes: Codes, p: SaeParams): Tensor => add(decode(codes, p.W_dec), p.b_dec);

/** A running value, or the first value while it is still NaN. */
export const runningOr = (running: Tensor, value: Tensor): Tensor => where(equal(running, running), running, value);

/** Larger than any activation: no candidate is above it, so that the first batch is searched whole. */
const beyondAll = 1e30;

/** State of the variants that choose in the batch: a hint for the search, and the running threshold. */
export const thresholdState = { hint: beyondAll, threshold: Number.NaN };

/** How far below the last smallest chosen value candidates are collected. */
const hintMargin = 0.97;

/**
 * The smallest positive chosen value of this batch: hint of the next search, and averaged (weight 0.001) as a threshold. A batch with no positive value
 * leaves the threshold as it was, and the next batch is searched whole.
 */
export function batchThreshold({ codes, state }: LossArguments<unknown>): ScalarState {
  const values = stopGradient(codes.values);
  const smallest = neg(reduceMax(neg(where(greater(values, 0), values, beyondAll))));
  const before = runningOr(state.threshold, smallest);
  const average = add(mul(before, 0.999), mul(smallest, 0.001));
  return { hint: mul(smallest, hintMargin), threshold: where(less(smallest, beyondAll), average, state.threshold) };
}

/** Sizes of the latent groups: ⌊fraction · dSae⌋, the last takes the remainder. */
export function groupSizes(fractions: readonly number[], dSae: number): number[] {
  const sizes = fractions.map((fraction) => Math.floor(fraction * dSae));
  sizes[sizes.length - 1] += dSae - sizes.reduce((total, size) => total + size, 0);
  return sizes;
}

/** Reconstructions from the first group of latents, the first two, …, all; each begins with b_dec. One sparse product in all. */
export function prefixReconstructions(codes: Codes, p: SaeParams, fractions: readonly number[]): Tensor[] {
  const { batch, dSae, pattern, values } = codes;
  const sizes = groupSizes(fractions, dSae);
  const dModel = p.W_dec.shape[1];
  const parts: Tensor[] = [];
  if (pattern?.row && typeof batch === "number") {
    // Each input becomes one row for each group; a latent of group g goes to the g-th of them. Entries in order of rows stay in order.
    let bound = 0;
    const { col } = pattern;
    const groups = sizes.length;
    const group = sizes.slice(0, -1).reduce(
      (index, size) => {
        bound += size;
        return add(index, cast(greaterOrEqual(col, int(bound)), "int64"));
      },
      mul(col, int(0)),
    );
    const row = add(mul(pattern.row, int(groups)), group);
    const stacked = reshape(spmm(values, { ...pattern, batch: batch * groups, row }, p.W_dec), [batch, groups, dModel]);
    sizes.forEach((_, g) => {
      parts.push(reshape(slice(stacked, 1, g, g + 1), [batch, dModel]));
    });
  } else {
    let start = 0;
    for (const size of sizes) {
      const mask = constant(
        Float32Array.from({ length: dSae }, (_, j) => (j >= start && j < start + size ? 1 : 0)),
        [dSae],
      );
      parts.push(decode(withValues(codes, mul(values, atLatents(codes, mask))), p.W_dec));
      start += size;
    }
  }
  let total: Tensor = p.b_dec;
  return parts.map((part) => {
    total = add(part, total);
    return total;
  });
}

const int = (value: number): Tensor => constant(value, [], "int64");
