/*
 * Products of sparse codes with dense matrices, and their gradients, which are such products again:
 *
 *   spmm(v, P, W)    y[r] = Σ_{i: row_i = r} v_i · W[col_i]            codes [batch, dSae] · W [dSae, n]  → [batch, n]
 *   sddmm(A, B, P)   v_i  = ⟨A[row_i], B[col_i]⟩                       the entries of A Bᵀ that P names
 *   spmmT(v, P, Y)   W[c] = Σ_{i: col_i = c} v_i · Y[row_i]            codesᵀ · Y [batch, n]              → [dSae, n]
 *
 *   batch  inputs         dSae  latents      n  dModel      k  active latents per input      nnz  active latents in the batch
 *
 * A pattern P is `rows`: col [batch, k], the same number in each row; or `flat`: col [nnz] and row [nnz]. No (row, column) pair occurs
 * twice. Gathered rows are [chunk, n] at a time, so that they stay in the cache; no dense [batch, dSae] exists unless the target
 * cannot scatter (see ScatterAddStrategy).
 */
import { defineOp, type OpExample } from "../defineOp.js";
import type { LowerContext } from "../lowerContext.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError, staticShape, type TensorType } from "../tensorType.js";

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

/** Bytes of gathered rows that one chunk may hold: a part of a core's cache, large enough for few nodes. */
const chunkBytes = 2 << 20;
const maxChunks = 128;

/**
 * How many pieces to cut `count` rows of `width` floats into.
 * @param tableBytes size of the table that each piece is added to: onnxruntime copies the whole table each time, so that for tables that are no
 * longer in the cache few large pieces are better
 */
function pieces(count: number, width: number, tableBytes = 0): number {
  const chunk = tableBytes > chunkBytes ? 4 * tableBytes : chunkBytes;
  return Math.max(1, Math.min(maxChunks, count, Math.round((count * width * 4) / chunk)));
}

/** [start, end) of each of `parts` near-equal pieces. */
export const cut = (count: number, parts: number): [number, number][] =>
  Array.from({ length: parts }, (_, i) => [Math.floor((count * i) / parts), Math.floor((count * (i + 1)) / parts)]);

interface Piece {
  /** Takes this piece of a tensor whose first axis runs over rows (rows layout) or entries (flat layout). */
  readonly take: (name: string) => string;
  readonly size: Dim;
}

/** Cuts the first axis: at fixed places when its size is known, else at fractions of the run-time size. */
function cutAxis(context: LowerContext, count: Dim, parts: number, sizeSource: string): Piece[] {
  if (parts === 1) return [{ take: (name) => name, size: count }];
  if (typeof count === "number") {
    return cut(count, parts).map(([start, end]) => ({
      take: (name) => context.emit("Slice", [name, context.ints(start), context.ints(end), context.ints(0)]),
      size: end - start,
    }));
  }
  const total = context.emit("Gather", [context.emit("Shape", [sizeSource]), context.ints(0)]);
  const bounds = Array.from({ length: parts + 1 }, (_, i) =>
    context.emit("Div", [context.emit("Mul", [total, context.ints(i)]), context.ints(parts)]),
  );
  return Array.from({ length: parts }, (_, i) => ({
    take: (name) => context.emit("Slice", [name, bounds[i] as string, bounds[i + 1] as string, context.ints(0)]),
    size: `${count}/${parts}`,
  }));
}

/** Number of entries, or what is expected of it when it is known at run time only. */
const entryCount = (count: Dim, { batch, dSae, expected }: PatternAttrs): number =>
  typeof count === "number" ? count : (expected ?? (typeof batch === "number" ? (batch * dSae) / 128 : dSae));

/** The entries of each of `parts` ranges of rows, for entries in the order of their rows. */
function cutRows(context: LowerContext, batch: number, parts: number, row: string) {
  const below = (bound: number): string =>
    context.emit(
      "ReduceSum",
      [
        context.emit("Cast", [context.emit("Less", [row, context.constant("int64", [], [bound])])], { to: 7 }),
        context.ints(0),
      ],
      { keepdims: 1 },
    );
  const ranges = cut(batch, parts);
  const bounds = [context.ints(0), ...ranges.map(([, end]) => below(end))];
  return ranges.map(([start, end], i) => ({
    start,
    rows: end - start,
    take: (name: string) =>
      context.emit("Slice", [name, bounds[i] as string, bounds[i + 1] as string, context.ints(0)]),
  }));
}

const unsqueeze = (context: LowerContext, name: string, axis: number): string =>
  context.emit("Unsqueeze", [name, context.ints(axis)]);

/** Zeros [rows, cols] where rows may be known only at run time, as the first dimension of `like`. */
function zerosLike(context: LowerContext, rows: Dim, cols: number, like: string): string {
  if (typeof rows === "number") return context.emit("ConstantOfShape", [context.ints(rows, cols)]);
  const dim = context.emit("Gather", [context.emit("Shape", [like]), context.ints(0)]);
  return context.emit("ConstantOfShape", [context.emit("Concat", [dim, context.ints(cols)], { axis: 0 })]);
}

/** The codes as a dense [batch, dSae] matrix. Each pair occurs once, so a scatter without addition is right with any number of threads. */
function densify(
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

function checkPattern(
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

/** Row, column and position of every entry, in the reference implementations. */
function entriesOf(col: NdArray, row: NdArray | undefined): { row: number; col: number; at: number }[] {
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
const examples = (
  inputs: (values: TensorType, batch: number, dSae: number, indices: Inputs) => Inputs,
): OpExample<PatternAttrs>[] => [
  { inputs: inputs(float32(3, 2), 3, 4, [rowsCol]), attrs: { batch: 3, dSae: 4 } },
  { inputs: inputs(float32(4), 3, 4, [flatCol, flatRow]), attrs: { batch: 3, dSae: 4 } },
  { inputs: inputs(float32(0), 2, 4, [emptyIndex, emptyIndex]), attrs: { batch: 2, dSae: 4 } },
  { inputs: inputs(float32(1, 1), 1, 1, [{ type: int64(1, 1), values: [0] }]), attrs: { batch: 1, dSae: 1 } },
];

export const spmmOp = defineOp<PatternAttrs>({
  name: "spmm",
  infer: ([values, w, ...indices], attrs) => {
    checkPattern("spmm", values, indices, attrs);
    if (w?.shape.length !== 2 || w.shape[0] !== attrs.dSae)
      throw shapeError("spmm", `a matrix [${attrs.dSae}, n]`, w ? [w] : "nothing");
    return [float32(attrs.batch, w.shape[1] as Dim)];
  },
  lower: (context, [values, w, ...indices], attrs, node) => {
    const [v, decoder, col, row] = [values as string, w as string, indices[0] as string, indices[1]];
    const n = node.inputs[1]?.shape[1] as number;
    const shape = (node.inputs[0] as Tensor).shape;
    if (!row) {
      const k = shape[1] as number;
      const parts = typeof attrs.batch === "number" ? pieces(attrs.batch, k * n) : 1;
      const results = cutAxis(context, attrs.batch, parts, v).map(({ take }) => {
        const rows = context.emit("Gather", [decoder, take(col)], { axis: 0 }); // [chunk, k, n]
        const y = context.emit("MatMul", [unsqueeze(context, take(v), 1), rows]); // [chunk, 1, n]
        return context.emit("Squeeze", [y, context.ints(1)]);
      });
      return [results.length === 1 ? (results[0] as string) : context.emit("Concat", results, { axis: 0 })];
    }
    if (context.target.scatterAdd === "dense")
      return [context.emit("MatMul", [densify(context, v, indices, attrs), decoder])];
    const count = shape[0] as Dim;
    const tableBytes = typeof attrs.batch === "number" ? attrs.batch * n * 4 : 0;
    const scaled = (take: Piece["take"]): string => {
      const rows = context.emit("Gather", [decoder, take(col)], { axis: 0 }); // [chunk, n]
      return context.emit("Mul", [rows, unsqueeze(context, take(v), 1)]);
    };
    if (attrs.sorted && typeof attrs.batch === "number") {
      // A range of rows is added up in a small table of its own: nothing large is copied.
      const ranges = cutRows(context, attrs.batch, Math.min(pieces(entryCount(count, attrs), n), attrs.batch), row);
      const results = ranges.map(({ start, rows, take }) => {
        const at = start === 0 ? take(row) : context.emit("Sub", [take(row), context.ints(start)]);
        const zeros = context.emit("ConstantOfShape", [context.ints(rows, n)]);
        return context.emit("ScatterND", [zeros, unsqueeze(context, at, 1), scaled(take)], { reduction: "add" });
      });
      return [results.length === 1 ? (results[0] as string) : context.emit("Concat", results, { axis: 0 })];
    }
    let y = zerosLike(context, attrs.batch, n, v);
    for (const { take } of cutAxis(context, count, pieces(entryCount(count, attrs), n, tableBytes), v)) {
      y = context.emit("ScatterND", [y, unsqueeze(context, take(row), 1), scaled(take)], { reduction: "add" });
    }
    return [y];
  },
  vjp: ({ inputs: [values, w, ...indices], grads: [dy], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? sddmm(dy as Tensor, w as Tensor, pattern) : null,
      needs[1] ? spmmT(values as Tensor, pattern, dy as Tensor) : null,
    ];
  },
  reference: ([values, w, col, row], { batch }) => {
    const n = w?.shape[1] as number;
    const out = zerosNd([batch as number, n]);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        const at = entry.row * n + j;
        out.data[at] =
          (out.data[at] as number) + (values?.data[entry.at] as number) * (w?.data[entry.col * n + j] as number);
      }
    }
    return [out];
  },
  examples: examples((values, _batch, dSae, indices) => [values, float32(dSae, 2), ...indices]),
});

export const sddmmOp = defineOp<PatternAttrs>({
  name: "sddmm",
  infer: ([a, b, ...indices], attrs) => {
    checkPattern("sddmm", undefined, indices, attrs);
    if (a?.shape.length !== 2 || b?.shape.length !== 2 || a.shape[1] !== b.shape[1])
      throw shapeError("sddmm", "[batch, n] and [dSae, n]", a && b ? [a, b] : "fewer");
    return [{ dtype: "float32", shape: indices[0]?.shape ?? [] }];
  },
  lower: (context, [a, b, col, row], attrs, node) => {
    const [left, right, columns] = [a as string, b as string, col as string];
    const n = node.inputs[0]?.shape[1] as number;
    const shape = (node.inputs[2] as Tensor).shape;
    const width = row ? n * 2 : (shape[1] as number) * n;
    const count = shape[0] as Dim;
    const parts = pieces(row || typeof count === "number" ? entryCount(count, attrs) : 1, width);
    const results = cutAxis(context, count, parts, columns).map(({ take }) => {
      const rows = context.emit("Gather", [right, take(columns)], { axis: 0 }); // [chunk, k, n] or [chunk, n]
      if (!row)
        return context.emit("Squeeze", [
          context.emit("MatMul", [rows, unsqueeze(context, take(left), 2)]),
          context.ints(2),
        ]);
      const product = context.emit("Mul", [rows, context.emit("Gather", [left, take(row)], { axis: 0 })]);
      return context.emit("ReduceSum", [product, context.ints(1)], { keepdims: 0 });
    });
    return [results.length === 1 ? (results[0] as string) : context.emit("Concat", results, { axis: 0 })];
  },
  vjp: ({ inputs: [a, b, ...indices], grads: [dv], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? spmm(dv as Tensor, pattern, b as Tensor) : null,
      needs[1] ? spmmT(dv as Tensor, pattern, a as Tensor) : null,
    ];
  },
  reference: ([a, b, col, row]) => {
    const n = a?.shape[1] as number;
    const out = zerosNd((col as NdArray).shape);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        out.data[entry.at] =
          (out.data[entry.at] as number) +
          (a?.data[entry.row * n + j] as number) * (b?.data[entry.col * n + j] as number);
      }
    }
    return [out];
  },
  examples: examples((_values, batch, dSae, indices) => [float32(batch, 2), float32(dSae, 2), ...indices]),
});

export const spmmTOp = defineOp<PatternAttrs>({
  name: "spmmT",
  infer: ([values, y, ...indices], attrs) => {
    checkPattern("spmmT", values, indices, attrs);
    if (y?.shape.length !== 2 || y.shape[0] !== attrs.batch)
      throw shapeError("spmmT", `a matrix [${attrs.batch}, n]`, y ? [y] : "nothing");
    return [float32(attrs.dSae, y.shape[1] as Dim)];
  },
  lower: (context, [values, y, ...indices], attrs, node) => {
    const [v, dense, col, row] = [values as string, y as string, indices[0] as string, indices[1]];
    const n = node.inputs[1]?.shape[1] as number;
    if (context.target.scatterAdd === "dense")
      return [context.emit("Gemm", [densify(context, v, indices, attrs), dense], { transA: 1 })];
    const shape = (node.inputs[0] as Tensor).shape;
    const count = shape[0] as Dim;
    const width = row ? n : (shape[1] as number) * n;
    const expected = row || typeof count === "number" ? entryCount(count, attrs) : 1;
    const parts = pieces(expected, width, attrs.dSae * n * 4);
    let w = context.emit("ConstantOfShape", [context.ints(attrs.dSae, n)]);
    for (const { take } of cutAxis(context, count, parts, v)) {
      const rows = row ? context.emit("Gather", [dense, take(row)], { axis: 0 }) : unsqueeze(context, take(dense), 1); // [chunk, n] | [chunk, 1, n]
      const scaled = context.emit("Mul", [unsqueeze(context, take(v), row ? 1 : 2), rows]); // [chunk, n] | [chunk, k, n]
      w = context.emit("ScatterND", [w, unsqueeze(context, take(col), row ? 1 : 2), scaled], { reduction: "add" });
    }
    return [w];
  },
  vjp: ({ inputs: [values, y, ...indices], grads: [dw], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    return [
      needs[0] ? sddmm(y as Tensor, dw as Tensor, pattern) : null,
      needs[1] ? spmm(values as Tensor, pattern, dw as Tensor) : null,
    ];
  },
  reference: ([values, y, col, row], { dSae }) => {
    const n = y?.shape[1] as number;
    const out = zerosNd([dSae, n]);
    for (const entry of entriesOf(col as NdArray, row)) {
      for (let j = 0; j < n; j++) {
        const at = entry.col * n + j;
        out.data[at] =
          (out.data[at] as number) + (values?.data[entry.at] as number) * (y?.data[entry.row * n + j] as number);
      }
    }
    return [out];
  },
  examples: examples((values, batch, _dSae, indices) => [values, float32(batch, 2), ...indices]),
});

export const sumColumnsOp = defineOp<PatternAttrs>({
  name: "sumColumns",
  infer: ([values, ...indices], attrs) => {
    checkPattern("sumColumns", values, indices, attrs);
    return [float32(attrs.dSae)];
  },
  lower: (context, [values, ...indices], attrs) => {
    if (context.target.scatterAdd === "dense") {
      return [
        context.emit("ReduceSum", [densify(context, values as string, indices, attrs), context.ints(0)], {
          keepdims: 0,
        }),
      ];
    }
    const zeros = context.emit("ConstantOfShape", [context.ints(attrs.dSae)]);
    return [
      context.emit("ScatterND", [zeros, unsqueeze(context, indices[0] as string, -1), values as string], {
        reduction: "add",
      }),
    ];
  },
  vjp: ({ inputs: [, ...indices], grads: [dy], attrs }) => [gatherAt(dy as Tensor, patternOf(attrs, indices))],
  reference: ([values, col], { dSae }) => {
    const out = zerosNd([dSae]);
    col?.data.forEach((column, i) => {
      out.data[column] = (out.data[column] as number) + (values?.data[i] as number);
    });
    return [out];
  },
  examples: examples((values, _batch, _dSae, indices) => [values, ...indices]),
});

/** One number per latent, looked up for every entry: b [dSae] → the shape of the values. The transpose of `sumColumns`. */
export const gatherAtOp = defineOp<PatternAttrs>({
  name: "gatherAt",
  infer: ([_b, ...indices], attrs) => {
    checkPattern("gatherAt", undefined, indices, attrs);
    return [{ dtype: "float32", shape: indices[0]?.shape ?? [] }];
  },
  lower: (context, [b, col]) => [context.emit("Gather", [b as string, col as string], { axis: 0 })],
  vjp: ({ inputs: [, ...indices], grads: [dy], attrs }) => [sumColumns(dy as Tensor, patternOf(attrs, indices))],
  reference: ([b, col]) => [
    {
      shape: (col as NdArray).shape,
      data: Float64Array.from((col as NdArray).data, (column) => b?.data[column] as number),
    },
  ],
  examples: examples((_values, _batch, dSae, indices) => [float32(dSae), ...indices]),
});

/** Decoding: codes [batch, dSae] · W [dSae, n] → [batch, n]. */
export const spmm = (values: Tensor, pattern: Pattern, w: Tensor): Tensor =>
  spmmOp([values, w, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

/** Entries of A Bᵀ at the pattern: A [batch, n], B [dSae, n]. */
export const sddmm = (a: Tensor, b: Tensor, pattern: Pattern): Tensor =>
  sddmmOp([a, b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

/** Decoder gradient: codesᵀ · Y [batch, n] → [dSae, n]. */
export const spmmT = (values: Tensor, pattern: Pattern, y: Tensor): Tensor =>
  spmmTOp([values, y, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

/** Sum of the values of each latent: [dSae]. */
export const sumColumns = (values: Tensor, pattern: Pattern): Tensor =>
  sumColumnsOp([values, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

/** One number per latent for every entry of the pattern. */
export const gatherAt = (b: Tensor, pattern: Pattern): Tensor =>
  gatherAtOp([b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;

export const markColumnsOp = defineOp<PatternAttrs>({
  name: "markColumns",
  infer: ([values, ...indices], attrs) => {
    checkPattern("markColumns", values, indices, attrs);
    return [float32(attrs.dSae)];
  },
  lower: (context, [values, col], { dSae }, node) => {
    // Entries that do not count write to a place behind the last latent. All writes are of the same 1: their order does not matter.
    const active = context.emit("Greater", [values as string, context.constant("float32", [], [0])]);
    const place = context.emit("Where", [active, col as string, context.constant("int64", [], [dSae])]);
    const shape = (node.inputs[0] as Tensor).shape;
    const size = shape.every((dim) => typeof dim === "number")
      ? context.ints(...(shape as number[]))
      : context.emit("Shape", [values as string]);
    const ones = context.emit("Expand", [context.constant("float32", [], [1]), size]);
    const zeros = context.emit("ConstantOfShape", [context.ints(dSae + 1)]);
    const marks = context.emit("ScatterND", [zeros, unsqueeze(context, place, -1), ones]);
    return [context.emit("Slice", [marks, context.ints(0), context.ints(dSae)])];
  },
  vjp: "none",
  reference: ([values, col], { dSae }) => {
    const out = zerosNd([dSae]);
    col?.data.forEach((column, i) => {
      if ((values?.data[i] as number) > 0) out.data[column] = 1;
    });
    return [out];
  },
  examples: examples((values, _batch, _dSae, indices) => [values, ...indices]),
});

/** [dSae]: 1 for each latent with a positive value somewhere, else 0. */
export const markColumns = (values: Tensor, pattern: Pattern): Tensor =>
  markColumnsOp([values, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
