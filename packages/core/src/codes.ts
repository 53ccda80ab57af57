/*
 * Sparse codes as values: which latents are active for which input, and how strongly.
 *
 *   x [batch, dModel]     W_enc [dModel, dSae]     W_dec [dSae, dModel]     b_enc, threshold [dSae]     b_dec [dModel]
 */

import { SaeError } from "./error.js";
import { add, div, mul, sub } from "./ops/binary.js";
import { greater, greaterOrEqual } from "./ops/compare.js";
import { cond } from "./ops/cond.js";
import { stopGradient } from "./ops/custom.js";
import { gatherRows } from "./ops/gather.js";
import { linear } from "./ops/linear.js";
import { linearAt } from "./ops/linearAt.js";
import { matmul } from "./ops/matmul.js";
import type { Pattern } from "./ops/pattern.js";
import { gatherAt, markColumns } from "./ops/perLatent.js";
import { positiveLinearOp } from "./ops/positiveLinear.js";
import { elementCountOp, reduceMax, sum } from "./ops/reduce.js";
import { cast, reshape, transpose } from "./ops/shape.js";
import { spmm } from "./ops/spmm.js";
import { topkFlatOp } from "./ops/topkFlat.js";
import { topkLinearOp } from "./ops/topkLinear.js";
import { relu } from "./ops/unary.js";
import { constant, type Tensor } from "./tensor.js";
import { type Dim, formatShape } from "./tensorType.js";

/** Whether the values of a batch are listed (few are active) or laid out as [batch, dSae] (many are). Results agree up to rounding. */
export type Density = "sparse" | "dense";

/** (x − b_dec) W_enc + b_enc, not computed yet: a selection computes what it needs of it. */
export interface PreActivation {
  readonly x: Tensor;
  /** Shape [dSae, dModel]. the encoder with one row per latent. */
  readonly rows: Tensor;
  /** Shape [dSae]. b_enc − b_dec W_enc. */
  readonly bias: Tensor;
  readonly batch: Dim;
  readonly dSae: number;
  readonly density: Density;
}

/** Active latents as (values, row, column), or all of them in a dense matrix. */
export interface Codes {
  /** [batch, k] or [nnz] beside `pattern`; [batch, dSae] without. */
  readonly values: Tensor;
  readonly pattern: Pattern | null;
  readonly batch: Dim;
  readonly dSae: number;
}

/**
 * The pre-activation of every architecture here: (x − b_dec) W_enc + b_enc, with b_dec folded into the bias.
 *
 * @param density how selections with an open number of active latents lay out their result
 */
export function preActivation(
  x: Tensor,
  p: { readonly W_enc: Tensor; readonly b_enc: Tensor; readonly b_dec?: Tensor },
  density: Density = "sparse",
): PreActivation {
  const [dModel, dSae] = p.W_enc.shape;
  if (x.shape.length !== 2 || x.shape[1] !== dModel || typeof dSae !== "number") {
    throw new SaeError(
      "shape_mismatch",
      `preActivation: needed x [batch, ${dModel}] for W_enc ${formatShape(p.W_enc.shape)}, got ${formatShape(x.shape)}`,
    );
  }
  const rows = transpose(p.W_enc); // [dSae, dModel]
  const bias = p.b_dec ? sub(p.b_enc, reshape(matmul(rows, reshape(p.b_dec, [dModel as Dim, 1])), [dSae])) : p.b_enc;
  return { x, rows, bias, batch: x.shape[0] as Dim, dSae, density };
}

/** The pre-activation as a dense [batch, dSae] tensor. */
export const densePreActivation = ({ x, rows, bias }: PreActivation): Tensor => linear(x, rows, bias);

const detached = ({ x, rows, bias }: PreActivation): [Tensor, Tensor, Tensor] => [
  stopGradient(x),
  stopGradient(rows),
  stopGradient(bias),
];

/** The k largest of ReLU(pre) in each row (fewer are non-zero when fewer are positive). Exact. */
export function topk(pre: PreActivation, k: number): Codes {
  const { batch, dSae } = pre;
  const [values, col] = topkLinearOp(detached(pre), { k }) as [Tensor, Tensor];
  const pattern = { batch, dSae, col };
  return { values: relu(linearAt(values, pre.x, pre.rows, pre.bias, pattern)), pattern, batch, dSae };
}

/**
 * The `count` largest of ReLU(pre) in the whole batch. The same whatever the hint: `hint`, a scalar such as a little less than the smallest value
 * chosen last time, only makes it faster, since candidates above it are collected first and everything is searched when they are too few. One below 0
 * counts as 0, NaN as none. Where pre is NaN it is undefined which entries are chosen, but there are `count` of them.
 */
export function largestInBatch(pre: PreActivation, count: number, hint?: Tensor): Codes {
  const { batch, dSae } = pre;
  if (typeof batch !== "number" || count > batch * dSae) {
    throw new SaeError(
      "shape_mismatch",
      `largestInBatch: needed a fixed batch and a count of at most batch · dSae, got count ${count} of ${batch} · ${dSae}`,
    );
  }
  const [x, rows, bias] = detached(pre);
  const everything = (at: { x: Tensor; rows: Tensor; bias: Tensor }) => {
    const flat = reshape(linear(at.x, at.rows, at.bias), [batch * dSae]);
    const [values, place] = topkFlatOp([flat], { k: count }) as [Tensor, Tensor];
    const row = div(place, int(dSae));
    return { values, row, col: sub(place, mul(row, int(dSae))) };
  };
  const chosen = hint
    ? // ReLU makes all values below 0 equal, and a candidate is restored as (pre − hint) + hint, which a hint far below would leave no digits of.
      fromCandidates({ x, rows, bias }, count, relu(stopGradient(hint)), everything)
    : everything({ x, rows, bias });
  const pattern = { batch, dSae, col: chosen.col, row: chosen.row, sorted: true };
  return { values: relu(linearAt(chosen.values, pre.x, pre.rows, pre.bias, pattern)), pattern, batch, dSae };
}

type Chosen = { values: Tensor; row: Tensor; col: Tensor };
type Linear = { x: Tensor; rows: Tensor; bias: Tensor };

function fromCandidates(pre: Linear, count: number, hint: Tensor, everything: (pre: Linear) => Chosen): Chosen {
  const [shifted, row, col] = positiveLinearOp([pre.x, pre.rows, sub(pre.bias, hint)], { entries: freshEntries() }) as [
    Tensor,
    Tensor,
    Tensor,
  ];
  const found = elementCountOp([shifted], { axes: [0] })[0] as Tensor;
  return cond(
    greaterOrEqual(found, count),
    { ...pre, values: add(shifted, hint), row, col },
    (candidates) => {
      const [values, place] = topkFlatOp([candidates.values], { k: count }) as [Tensor, Tensor];
      return { values, row: gatherRows(candidates.row, place), col: gatherRows(candidates.col, place) };
    },
    (all) => everything(all),
  );
}

let entriesNames = 0;
/** A name for a number of entries that is known at run time only. */
const freshEntries = (): string => `nnz${entriesNames++}`;

/**
 * Every entry with pre > lower (default 0): the pre-activation itself, no ReLU applied. Dense codes hold all the others too: give them values by
 * an activation function that is 0 at and below `lower` (see `withValues`), and both layouts mean the same.
 *
 * @param lower scalar or [dSae]
 * @param expected about how many entries per input there will be; speed depends on it, the result does not
 */
export function above(pre: PreActivation, lower?: Tensor, expected?: number): Codes {
  const { batch, dSae } = pre;
  if (pre.density === "dense") {
    const all = densePreActivation(pre);
    return { values: all, pattern: null, batch, dSae };
  }
  const [x, rows, bias] = detached(pre);
  const shift = lower && stopGradient(lower);
  const [shifted, row, col] = positiveLinearOp([x, rows, shift ? sub(bias, shift) : bias], {
    entries: freshEntries(),
  }) as [Tensor, Tensor, Tensor];
  const entries = expected !== undefined && typeof batch === "number" ? expected * batch : undefined;
  const pattern = { batch, dSae, col, row, sorted: true, expected: entries };
  const restored = !shift ? shifted : add(shifted, shift.shape.length === 0 ? shift : gatherAt(shift, pattern));
  return { values: linearAt(restored, pre.x, pre.rows, pre.bias, pattern), pattern, batch, dSae };
}

/** The same entries with other values (an activation function applied, for one). */
export const withValues = (codes: Codes, values: Tensor): Codes => ({ ...codes, values });

/** One number per latent [dSae] for every entry of the codes: broadcasts against `values`. */
export const atLatents = (codes: Codes, perLatent: Tensor): Tensor =>
  codes.pattern ? gatherAt(perLatent, codes.pattern) : perLatent;

/** codes · W [dSae, n] → [batch, n]; decoding without the bias. */
export const decode = (codes: Codes, w: Tensor): Tensor =>
  codes.pattern ? spmm(codes.values, codes.pattern, w) : matmul(codes.values, w);

/** Mean number of active latents (value > 0) per input: L0. */
export function meanActive({ values, batch }: Codes): Tensor {
  const active = sum(cast(greater(values, 0), "float32"));
  return typeof batch === "number"
    ? mul(active, 1 / batch)
    : div(active, elementCountOp([values], { axes: [0] })[0] as Tensor);
}

/** Shape [dSae]. 1 for each latent that is active (value > 0) for at least one input, else 0. */
export function firedLatents(codes: Codes): Tensor {
  const active = stopGradient(codes.values);
  if (codes.pattern) return markColumns(active, codes.pattern);
  return cast(greater(reduceMax(active, [0]), 0), "float32");
}

const int = (value: number): Tensor => constant(value, [], "int64");
