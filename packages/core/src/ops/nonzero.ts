import { defineOp } from "../defineOp.js";
import { type NdArray, ndArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError } from "../tensorType.js";

export const nonzeroOp = defineOp<{ readonly entries: string }>({
  name: "nonzero",
  infer: ([x], { entries }) => {
    if (x?.shape.length !== 1) throw shapeError("nonzero", "a vector", x ? [x] : "nothing");
    return [int64(entries)];
  },
  lower: (context, inputs) => [context.emit("Reshape", [context.emit("NonZero", inputs), context.ints(-1)])],
  vjp: "none",
  reference: ([x]) => {
    const at = Array.from((x as NdArray).data.keys()).filter((i) => x?.data[i] !== 0);
    return [ndArray([at.length], at)];
  },
  examples: [
    { inputs: [{ type: float32(4), values: [0, 2, 0, -1] }], attrs: { entries: "entries" } },
    { inputs: [{ type: float32(1), values: [0] }], attrs: { entries: "entries" } },
  ],
});

let names = 0;

/** Places of the non-zero elements of a vector, in order; how many is known at run time only. */
export const nonzero = (x: Tensor): Tensor => nonzeroOp([x], { entries: `nonzero${names++}` })[0] as Tensor;

export const topkMaskOp = defineOp<{ readonly k: number }>({
  name: "topkMask",
  infer: ([x]) => {
    if (x?.shape.length !== 2 || x.dtype !== "float32")
      throw shapeError("topkMask", "a float32 matrix", x ? [x] : "nothing");
    return [x];
  },
  lower: (context, [x], { k }, node) => {
    const width = (node.inputs[0] as Tensor).shape[1] as Dim;
    const available = context.emit("Gather", [context.emit("Shape", [x as string]), context.ints(1)]);
    const count =
      typeof width === "number" ? context.ints(Math.min(k, width)) : context.emit("Min", [available, context.ints(k)]);
    const [values, at] = context.emitMany("TopK", [x as string, count], 2, { axis: 1, sorted: 0 });
    const floor = context.constant("float32", [], [Number.NEGATIVE_INFINITY]);
    const marks = context.emit("Cast", [context.emit("Greater", [values as string, floor])], {
      to: context.elementType("float32"),
    });
    // Not x · 0, which is NaN where x is infinite.
    const zeros = context.emit("Expand", [context.constant("float32", [], [0]), context.emit("Shape", [x as string])]);
    return [context.emit("ScatterElements", [zeros, at as string, marks], { axis: 1 })];
  },
  vjp: "none",
  reference: ([x], { k }) => {
    const [rows, width] = (x as NdArray).shape as [number, number];
    const out = zerosNd([rows, width]);
    for (let r = 0; r < rows; r++) {
      const row = Array.from(x?.data.subarray(r * width, (r + 1) * width) ?? []);
      const finite = [...row.keys()].filter((i) => (row[i] as number) > Number.NEGATIVE_INFINITY);
      const order = finite.sort((i, j) => (row[j] as number) - (row[i] as number) || i - j);
      for (const i of order.slice(0, k)) out.data[r * width + i] = 1;
    }
    return [out];
  },
  examples: [
    { inputs: [float32(2, 5)], attrs: { k: 2 } },
    { inputs: [float32(2, 3)], attrs: { k: 7 }, note: "fewer than k" },
    {
      inputs: [{ type: float32(2, 4), values: [1, -Infinity, 2, -3, -Infinity, -Infinity, 3, -Infinity] }],
      attrs: { k: 2 },
      note: "−∞",
    },
    { inputs: [float32(1, 1)], attrs: { k: 1 } },
  ],
});

/** 1 at the k largest elements above −∞ of each row of a float32 matrix (all of them when there are fewer), 0 elsewhere. */
export const topkMask = (x: Tensor, k: number): Tensor => topkMaskOp([x], { k })[0] as Tensor;
