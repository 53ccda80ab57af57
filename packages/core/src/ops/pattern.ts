/*
 * Which entries of the codes [batch, dSae] are present, and what every operation on them shares.
 *
 *   batch  inputs         dSae  latents      n  dModel      k  active latents per input      nnz  active latents in the batch
 *
 * A pattern P is `rows`: col [batch, k], the same number in each row; or `flat`: col [nnz] and row [nnz]. No (row, column) pair occurs
 * twice. Three products are made of it, closed under differentiation:
 *
 *   spmm(v, P, W)    y[r] = Σ_{i: row_i = r} v_i · W[col_i]            codes [batch, dSae] · W [dSae, n]  → [batch, n]
 *   sddmm(A, B, P)   v_i  = ⟨A[row_i], B[col_i]⟩                       the entries of A Bᵀ that P names
 *   spmmT(v, P, Y)   W[c] = Σ_{i: col_i = c} v_i · Y[row_i]            codesᵀ · Y [batch, n]              → [dSae, n]
 *
 * No dense [batch, dSae] exists unless the target cannot scatter (see ScatterAddStrategy).
 */
import type { OpExample } from "../defineOp.js";
import type { LowerContext } from "../lowerContext.js";
import type { NdArray } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, isStatic, shapeError, sizeOf, staticShape, type TensorType } from "../tensorType.js";

/** Which entries of [batch, dSae] are present. */
export interface Pattern {
  readonly batch: Dim;
  readonly dSae: number;
  /** int64 [batch, k], or [nnz] with `row`. */
  readonly col: Tensor;
  /** int64 [nnz]; absent when every row has k entries. */
  readonly row?: Tensor | undefined;
  /** The entries stand in the order of their rows, as selections leave them: decoding is then faster. */
  readonly sorted?: boolean | undefined;
  /** About how many entries there are, where that is known at run time only; speed depends on it, results do not. */
  readonly expected?: number | undefined;
}

/** The part of a pattern that is known when the graph is built. */
export interface PatternAttrs {
  readonly batch: Dim;
  readonly dSae: number;
  readonly sorted?: boolean | undefined;
  readonly expected?: number | undefined;
}

export const attrsOf = ({ batch, dSae, sorted, expected }: Pattern): PatternAttrs => ({
  batch,
  dSae,
  sorted,
  expected,
});
export const indicesOf = ({ col, row }: Pattern): Tensor[] => (row ? [col, row] : [col]);
export const patternOf = (attrs: PatternAttrs, [col, row]: readonly Tensor[]): Pattern => ({
  ...attrs,
  col: col as Tensor,
  row,
});

export const unsqueeze = (context: LowerContext, name: string, axis: number): string =>
  context.emit("Unsqueeze", [name, context.ints(axis)]);

/** Zeros [rows, cols] where rows may be known only at run time, as the first dimension of `like`. */
function zerosLike(context: LowerContext, rows: Dim, cols: number, like: string): string {
  if (typeof rows === "number") return context.emit("ConstantOfShape", [context.ints(rows, cols)]);
  const dim = context.emit("Gather", [context.emit("Shape", [like]), context.ints(0)]);
  return context.emit("ConstantOfShape", [context.emit("Concat", [dim, context.ints(cols)], { axis: 0 })]);
}

/** The codes as a dense [batch, dSae] matrix. Each pair occurs once, so a scatter without addition is right with any number of threads. */
export function densify(
  context: LowerContext,
  values: string,
  [col, row]: readonly string[],
  { batch, dSae }: PatternAttrs,
): string {
  const zeros = zerosLike(context, batch, dSae, values);
  if (!row) return context.emit("ScatterElements", [zeros, col as string, values], { axis: 1 });
  const pairs = context.emit("Concat", [unsqueeze(context, row, 1), unsqueeze(context, col as string, 1)], { axis: 1 });
  return context.emit("ScatterND", [zeros, pairs, values]);
}

export function checkPattern(
  name: string,
  values: TensorType | undefined,
  indices: readonly (TensorType | undefined)[],
  { batch }: PatternAttrs,
): void {
  const [col, row] = indices;
  const ok =
    col?.dtype === "int64" &&
    (row ? col.shape.length === 1 && row.shape.length === 1 : col.shape.length === 2 && col.shape[0] === batch);
  if (row) staticShape([batch], name); // how many rows there are cannot be seen from the entries
  const fits = !values || (values.dtype === "float32" && values.shape.join() === col?.shape.join());
  if (!ok || !fits) {
    throw shapeError(
      name,
      "values and columns [batch, k], or values, columns and rows [nnz]",
      [values, col, row].filter((x): x is TensorType => x !== undefined),
    );
  }
}

/** Number of entries in values of this shape, or what is expected when it is known at run time only. */
export function entryCount(shape: readonly Dim[], { batch, dSae, expected }: PatternAttrs): number {
  if (isStatic(shape)) return sizeOf(shape);
  return expected ?? (typeof batch === "number" ? (batch * dSae) / 128 : dSae);
}

/** Row, column and position of every entry, in the reference implementations. */
export function entriesOf(col: NdArray, row: NdArray | undefined): { row: number; col: number; at: number }[] {
  const k = row ? 1 : (col.shape[1] as number);
  return Array.from(col.data, (column, at) => ({
    row: row ? (row.data[at] as number) : Math.floor(at / k),
    col: column,
    at,
  }));
}

const rowsCol = { type: int64(3, 2), values: [0, 3, 3, 1, 3, 2] };
const flatCol = { type: int64(4), values: [3, 1, 3, 0] };
const flatRow = { type: int64(4), values: [0, 0, 2, 2] };
const emptyIndex = { type: int64(0), values: [] };
type Inputs = OpExample<PatternAttrs>["inputs"];
/** The same examples for each product: rows layout, flat layout with an empty row, nothing at all, one of everything. */
export const patternExamples = (
  inputs: (values: TensorType, batch: number, dSae: number, indices: Inputs) => Inputs,
): OpExample<PatternAttrs>[] => [
  { inputs: inputs(float32(3, 2), 3, 4, [rowsCol]), attrs: { batch: 3, dSae: 4 } },
  { inputs: inputs(float32(4), 3, 4, [flatCol, flatRow]), attrs: { batch: 3, dSae: 4 } },
  { inputs: inputs(float32(0), 2, 4, [emptyIndex, emptyIndex]), attrs: { batch: 2, dSae: 4 } },
  { inputs: inputs(float32(1, 1), 1, 1, [{ type: int64(1, 1), values: [0] }]), attrs: { batch: 1, dSae: 1 } },
];
