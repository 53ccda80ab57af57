/*
 * Choosing the active entries of pre = x Wᵀ + b without keeping pre: the product is made for a chunk of rows at a time, the chunk is
 * searched while it is in the cache, and only the chosen entries remain. The choice itself has no gradient; `linearAt` gives the chosen
 * values theirs, which is sparse.
 *
 *   x [batch, n]     W [dSae, n], one row per latent (the encoder transposed)     b [dSae]     pre [batch, dSae]
 */
import { defineOp } from "../defineOp.js";
import type { LowerContext } from "../lowerContext.js";
import { type NdArray, ndArray } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError, type TensorType } from "../tensorType.js";
import { linearReference } from "./linear.js";
import {
  attrsOf,
  cut,
  indicesOf,
  type Pattern,
  type PatternAttrs,
  patternOf,
  spmm,
  spmmT,
  sumColumns,
} from "./sparse.js";

/** Rows of a chunk: enough to keep the matrix product efficient, few enough that its result is still in the cache when searched. */
const chunkRows = 512;
/** Width of the groups whose maxima are searched first. */
const groupSize = 32;

function checkLinear(name: string, [x, w, b]: readonly (TensorType | undefined)[]): void {
  if (
    x?.shape.length !== 2 ||
    w?.shape.length !== 2 ||
    x.shape[1] !== w.shape[1] ||
    b?.shape.length !== 1 ||
    b.shape[0] !== w.shape[0]
  ) {
    throw shapeError(
      name,
      "x [batch, n], W [dSae, n] and b [dSae]",
      [x, w, b].filter((type): type is TensorType => type !== undefined),
    );
  }
}

/**
 * Calls `search` with x Wᵀ + b for each chunk of rows. The bias rides along as one more column of W against a column of ones: adding it
 * afterwards would be a pass over the whole result.
 */
function forEachChunk(
  context: LowerContext,
  [x, w, b]: readonly string[],
  batch: Dim,
  search: (pre: string, start: number, rows: Dim) => void,
): void {
  const oneColumn = context.emit("ReduceSum", [x as string, context.ints(1)], { keepdims: 1 });
  const ones = context.emit("Exp", [context.emit("Mul", [oneColumn, context.constant("float32", [], [0])])]); // [batch, 1]
  const inputs = context.emit("Concat", [x as string, ones], { axis: 1 }); // [batch, n + 1]
  const weights = context.emit("Concat", [w as string, context.emit("Unsqueeze", [b as string, context.ints(1)])], {
    axis: 1,
  }); // [dSae, n + 1]
  const chunks = typeof batch === "number" ? cut(batch, Math.max(1, Math.round(batch / chunkRows))) : [];
  if (chunks.length <= 1) {
    search(context.emit("Gemm", [inputs, weights], { transB: 1 }), 0, batch);
    return;
  }
  for (const [start, end] of chunks) {
    const rows = context.emit("Slice", [inputs, context.ints(start), context.ints(end), context.ints(0)]);
    search(context.emit("Gemm", [rows, weights], { transB: 1 }), start, end - start);
  }
}

const join = (context: LowerContext, parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] as string) : context.emit("Concat", parts, { axis: 0 });

/** Indices of the k largest, larger first, equal ones in order. */
const largestIndices = (values: Float64Array, k: number): number[] =>
  Array.from(values.keys())
    .sort((i, j) => (values[j] as number) - (values[i] as number) || i - j)
    .slice(0, k);

/**
 * One TopK over a row costs a comparison for each element; with so many latents for each active one it is faster to choose groups first.
 * Measured on rows of one chunk (time of two stages / time of one): dSae / k = 128: 1.07, 160: 1.0, 256: 0.9, 512: 0.75, 1024: 0.45.
 */
const twoStageFrom = 200;

/**
 * The k largest of each row of [rows, dSae], unordered: values and columns [rows, k]. In two stages where that pays, which is as exact: each of the
 * k largest lies in one of the k groups with the largest maxima.
 */
function largestOfRows(context: LowerContext, pre: string, rows: Dim, dSae: number, k: number): string[] {
  const groups = dSae / groupSize;
  if (typeof rows !== "number" || dSae % groupSize !== 0 || k === 0 || dSae < twoStageFrom * k) {
    return context.emitMany("TopK", [pre, context.ints(k)], 2, { axis: 1, sorted: 0 });
  }
  const cube = context.emit("Reshape", [pre, context.ints(rows, groups, groupSize)]);
  const best = context.emit("ReduceMax", [cube, context.ints(2)], { keepdims: 0 }); // [rows, groups]
  const group = context.emitMany("TopK", [best, context.ints(k)], 2, { axis: 1, sorted: 0 })[1]; // [rows, k]
  const firstGroups = context.constant(
    "int64",
    [rows, 1],
    Array.from({ length: rows }, (_, row) => row * groups),
  );
  const flat = context.emit("Reshape", [pre, context.ints(rows * groups, groupSize)]);
  const candidates = context.emit("Gather", [flat, context.emit("Add", [group, firstGroups])], { axis: 0 }); // [rows, k, groupSize]
  const line = context.emit("Reshape", [candidates, context.ints(rows, k * groupSize)]);
  const [values, place] = context.emitMany("TopK", [line, context.ints(k)], 2, { axis: 1, sorted: 0 });
  const size = context.ints(groupSize);
  const groupOf = context.emit("GatherElements", [group, context.emit("Div", [place, size])], { axis: 1 });
  return [values, context.emit("Add", [context.emit("Mul", [groupOf, size]), context.emit("Mod", [place, size])])];
}

const linearExample = [float32(3, 2), float32(4, 2), float32(4)] as const;

export const topkLinearOp = defineOp<{ readonly k: number }>({
  name: "topkLinear",
  infer: ([x, w, b], { k }) => {
    checkLinear("topkLinear", [x, w, b]);
    const dSae = w?.shape[0] as number;
    if (!Number.isInteger(k) || k < 0 || k > dSae)
      throw shapeError("topkLinear", `an integer k between 0 and dSae = ${dSae}`, `${k}`);
    return [float32(x?.shape[0] as Dim, k), int64(x?.shape[0] as Dim, k)];
  },
  lower: (context, inputs, { k }, node) => {
    const [batch, n] = (node.inputs[0] as Tensor).shape as [Dim, Dim];
    if (batch === 0) return [context.constant("float32", [0, k], []), context.constant("int64", [0, k], [])];
    // onnxruntime's TopK ends the process when there is no row: where that can happen, one more row of zeros is searched.
    const spare = typeof batch === "string" && typeof n === "number";
    const padded = spare
      ? context.emit("Concat", [inputs[0] as string, context.constant("float32", [1, n], new Float32Array(n))], {
          axis: 0,
        })
      : (inputs[0] as string);
    const values: string[] = [];
    const columns: string[] = [];
    const dSae = (node.inputs[1] as Tensor).shape[0] as number;
    forEachChunk(context, [padded, ...inputs.slice(1)], batch, (pre, _start, rows) => {
      const [v, c] = largestOfRows(context, pre, rows, dSae, k);
      values.push(v as string);
      columns.push(c as string);
    });
    return [values, columns].map((parts) => {
      const joined = join(context, parts);
      return spare ? context.emit("Slice", [joined, context.ints(0), context.ints(-1), context.ints(0)]) : joined;
    });
  },
  vjp: "none",
  reference: ([x, w, b], { k }) => {
    const pre = linearReference(x as NdArray, w as NdArray, b as NdArray);
    const [batch, dSae] = pre.shape as [number, number];
    const columns = Array.from({ length: batch }, (_, r) =>
      largestIndices(pre.data.subarray(r * dSae, (r + 1) * dSae), k),
    );
    const values = columns.flatMap((row, r) => row.map((c) => pre.data[r * dSae + c] as number));
    return [ndArray([batch, k], values), ndArray([batch, k], columns.flat())];
  },
  examples: [
    { inputs: [...linearExample], attrs: { k: 2 }, note: "unordered" },
    { inputs: [float32(1, 1), float32(1, 1), float32(1)], attrs: { k: 1 } },
    { inputs: [float32(0, 2), float32(4, 2), float32(4)], attrs: { k: 2 }, note: "no row" },
    { inputs: [float32(3, 2), float32(416, 2), float32(416)], attrs: { k: 2 }, note: "two stages" },
  ],
});

export const positiveLinearOp = defineOp<{ readonly entries: string }>({
  name: "positiveLinear",
  infer: ([x, w, b], { entries }) => {
    checkLinear("positiveLinear", [x, w, b]);
    return [float32(entries), int64(entries), int64(entries)];
  },
  lower: (context, inputs, _attrs, node) => {
    const dSae = node.inputs[1]?.shape[0] as number;
    const zero = context.constant("float32", [], [0]);
    const width = dSae % groupSize === 0 && dSae > groupSize ? groupSize : dSae;
    const [values, rows, columns]: [string[], string[], string[]] = [[], [], []];
    forEachChunk(context, inputs, node.inputs[0]?.shape[0] as Dim, (pre, start) => {
      // Most groups of neighbouring latents hold nothing positive: find the others by their maxima, then look only there.
      const groups = context.emit("Reshape", [pre, context.ints(-1, width)]); // [groups, width]
      const best = context.emit("ReduceMax", [groups, context.ints(1)], { keepdims: 0 });
      const hit = context.emit("Reshape", [
        context.emit("NonZero", [context.emit("Greater", [best, zero])]),
        context.ints(-1),
      ]);
      const candidates = context.emit("Gather", [groups, hit], { axis: 0 }); // [hits, width]
      const mask = context.emit("Greater", [candidates, zero]);
      const [group, place] = context.emitMany("Split", [context.emit("NonZero", [mask])], 2, {
        axis: 0,
        num_outputs: 2,
      });
      const [inCandidates, within] = [group, place].map((x) =>
        context.emit("Reshape", [x as string, context.ints(-1)]),
      );
      const at = (first: string) =>
        context.emit("Add", [context.emit("Mul", [first, context.ints(width)]), within as string]);
      const flat = at(context.emit("Gather", [hit, inCandidates as string], { axis: 0 }));
      const row = context.emit("Div", [flat, context.ints(dSae)]);
      columns.push(context.emit("Sub", [flat, context.emit("Mul", [row, context.ints(dSae)])]));
      rows.push(start === 0 ? row : context.emit("Add", [row, context.ints(start)]));
      const line = context.emit("Reshape", [candidates, context.ints(-1)]);
      values.push(context.emit("Gather", [line, at(inCandidates as string)], { axis: 0 }));
    });
    return [join(context, values), join(context, rows), join(context, columns)];
  },
  vjp: "none",
  reference: ([x, w, b]) => {
    const pre = linearReference(x as NdArray, w as NdArray, b as NdArray);
    const dSae = pre.shape[1] as number;
    const at = Array.from(pre.data.keys()).filter((i) => (pre.data[i] as number) > 0);
    const column = (of: (i: number) => number) => ndArray([at.length], at.map(of));
    return [column((i) => pre.data[i] as number), column((i) => Math.floor(i / dSae)), column((i) => i % dSae)];
  },
  examples: [
    { inputs: [...linearExample], attrs: { entries: "nnz" } },
    {
      inputs: [
        { type: float32(2, 1), values: [1, 1] },
        { type: float32(2, 1), values: [1, 1] },
        { type: float32(2), values: [-2, -3] },
      ],
      attrs: { entries: "nnz" },
      note: "nothing positive",
    },
  ],
});

/** [n] → the k largest values in the order of their places, and the places. */
export const topkFlatOp = defineOp<{ readonly k: number }>({
  name: "topkFlat",
  infer: ([x], { k }) => {
    const dim = x?.shape[0];
    if (x?.shape.length !== 1 || (typeof dim === "number" && k > dim))
      throw shapeError("topkFlat", `a vector of at least ${k}`, x ? [x] : "nothing");
    return [float32(k), int64(k)];
  },
  lower: (context, [x], { k }, node) => {
    const values = x as string;
    const places = (of: string, kept: string) => {
      const mark = context.emit("Expand", [context.constant("float32", [], [1]), context.ints(k)]);
      const zeros = context.emit("Sub", [of, of]);
      return context.emit("Reshape", [
        context.emit("NonZero", [context.emit("ScatterElements", [zeros, kept, mark], { axis: 0 })]),
        context.ints(-1),
      ]);
    };
    const dim = node.inputs[0]?.shape[0];
    // Exact in two stages: every one of the k largest lies in one of the k groups with the largest maxima.
    const twoStage = typeof dim === "number" && dim % groupSize === 0 && dim / groupSize > k;
    const [, kept] = context.emitMany(
      "TopK",
      [
        twoStage
          ? context.emit(
              "ReduceMax",
              [context.emit("Reshape", [values, context.ints(-1, groupSize)]), context.ints(1)],
              { keepdims: 0 },
            )
          : values,
        context.ints(k),
      ],
      2,
      { axis: 0, sorted: 0 },
    );
    if (!twoStage) {
      const order = places(finite(context, values), kept as string);
      return [context.emit("Gather", [values, order]), order];
    }
    const groups = context.emit("Reshape", [values, context.ints(-1, groupSize)]);
    const ascending = context.emitMany("TopK", [kept as string, context.ints(k)], 2, {
      axis: 0,
      largest: 0,
      sorted: 1,
    })[0] as string;
    const candidates = context.emit("Reshape", [
      context.emit("Gather", [groups, ascending], { axis: 0 }),
      context.ints(-1),
    ]); // [k · groupSize]
    const [, best] = context.emitMany("TopK", [candidates, context.ints(k)], 2, { axis: 0, sorted: 0 });
    const order = places(finite(context, candidates), best as string);
    const group = context.emit("Div", [order, context.ints(groupSize)]);
    const within = context.emit("Sub", [order, context.emit("Mul", [group, context.ints(groupSize)])]);
    const at = context.emit("Add", [
      context.emit("Mul", [context.emit("Gather", [ascending, group]), context.ints(groupSize)]),
      within,
    ]);
    return [context.emit("Gather", [candidates, order]), at];
  },
  vjp: "none",
  reference: ([x], { k }) => {
    const at = largestIndices((x as NdArray).data, k).sort((i, j) => i - j);
    return [
      ndArray(
        [k],
        at.map((i) => x?.data[i] as number),
      ),
      ndArray([k], at),
    ];
  },
  examples: [
    { inputs: [float32(7)], attrs: { k: 3 } },
    { inputs: [float32(256)], attrs: { k: 5 }, note: "two stages" },
    { inputs: [float32(1)], attrs: { k: 1 } },
    { inputs: [float32(3)], attrs: { k: 0 } },
  ],
});

/** x − x is NaN where x is infinite: the zeros that marks are written into are made from a clipped copy. */
const finite = (context: LowerContext, x: string): string =>
  context.emit("Clip", [x, context.constant("float32", [], [-1]), context.constant("float32", [], [1])]);

/** The chosen entries of x Wᵀ + b: the values are given, the gradient is theirs. */
const linearAtOp = defineOp<PatternAttrs>({
  name: "linearAt",
  infer: ([values]) => (values ? [values] : []),
  lower: (_context, [values]) => [values as string],
  vjp: ({ inputs: [, x, w, , ...indices], grads: [dy], attrs, needs }) => {
    const pattern = patternOf(attrs, indices);
    const dv = dy as Tensor;
    return [
      null,
      needs[1] ? spmm(dv, pattern, w as Tensor) : null,
      needs[2] ? spmmT(dv, pattern, x as Tensor) : null,
      needs[3] ? sumColumns(dv, pattern) : null,
    ];
  },
  // The definition, which the given values must agree with: this is what the gradient test differentiates.
  reference: ([, x, w, b, col, row]) => {
    const pre = linearReference(x as NdArray, w as NdArray, b as NdArray);
    const dSae = pre.shape[1] as number;
    const k = row ? 1 : (col?.shape[1] as number);
    return [
      ndArray(
        (col as NdArray).shape,
        Array.from(
          (col as NdArray).data,
          (c, i) => pre.data[(row ? (row.data[i] as number) : Math.floor(i / k)) * dSae + c] as number,
        ),
      ),
    ];
  },
  examples: [],
});

/** Differentiable entries of x Wᵀ + b at a pattern, whose `values` a selection has already computed. */
export const linearAt = (values: Tensor, x: Tensor, w: Tensor, b: Tensor, pattern: Pattern): Tensor =>
  linearAtOp([values, x, w, b, ...indicesOf(pattern)], attrsOf(pattern))[0] as Tensor;
