import { defineOp } from "../defineOp.js";
import { type NdArray, ndArray } from "../ndArray.js";
import { float32, int64, shapeError } from "../tensorType.js";
import { largestIndices } from "./largestIndices.js";

/** Width of the groups whose maxima are searched first. */
const groupSize = 32;

/** [n] → the k largest values in the order of their places, and the places. Of NaN it is undefined whether they are among them. */
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
      // Not x − x, which is NaN, and so a mark, where x is not finite.
      const zeros = context.emit("Expand", [context.constant("float32", [], [0]), context.emit("Shape", [of])]);
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
      const order = places(values, kept as string);
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
    const order = places(candidates, best as string);
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
