import { defineOp } from "../defineOp.js";
import { type NdArray, ndArray } from "../ndArray.js";
import { type Dim, float32, int64 } from "../tensorType.js";
import { checkLinear, forEachChunk, linearExample } from "./chunkedLinear.js";
import { join } from "./chunks.js";
import { linearReference } from "./linear.js";

/** Width of the groups whose maxima are searched first: with wider ones more elements are looked at again, with narrower ones the maxima take longer. */
const groupSize = 16;

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
