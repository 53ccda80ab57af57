import { defineOp } from "../defineOp.js";
import type { LowerContext } from "../lowerContext.js";
import { type NdArray, ndArray } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError } from "../tensorType.js";
import { checkLinear, forEachChunk, linearExample } from "./chunkedLinear.js";
import { join } from "./chunks.js";
import { largestIndices } from "./largestIndices.js";
import { linearReference } from "./linear.js";

/** Width of the groups whose maxima are searched first. */
const groupSize = 32;

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
