import { defineOp, type Op } from "../defineOp.js";
import { mapNd } from "../ndArray.js";
import { type Operand, type Tensor, toTensor } from "../tensor.js";
import { bool, broadcastShapes, type DType, float32, shapeError } from "../tensorType.js";

const definitions: Op<Record<string, never>>[] = [];

/** Two tensors to a bool tensor, broadcasting; no gradient. */
function comparison(name: string, onnx: string, of: "numbers" | "bools", reference: (a: number, b: number) => boolean) {
  const accepts = (dtype: DType) => (of === "bools") === (dtype === "bool");
  const op = defineOp({
    name,
    infer: ([a, b]) => {
      if (!a || !b || a.dtype !== b.dtype || !accepts(a.dtype))
        throw shapeError(name, `two tensors of ${of} of one element type`, a && b ? [a, b] : "fewer");
      return [bool(...broadcastShapes(name, a.shape, b.shape))];
    },
    lower: (context, inputs) => [context.emit(onnx, inputs)],
    vjp: "none",
    reference: ([a, b]) =>
      a && b
        ? [mapNd(broadcastShapes(name, a.shape, b.shape) as number[], [a, b], (x, y) => (reference(x, y) ? 1 : 0))]
        : [],
    examples: [
      {
        inputs:
          of === "numbers"
            ? [
                { type: float32(2, 2), values: [1, 2, 3, 4] },
                { type: float32(2), values: [2, 2] },
              ]
            : [
                { type: bool(2, 2), values: [0, 0, 1, 1] },
                { type: bool(2), values: [0, 1] },
              ],
        attrs: {},
      },
      { inputs: of === "numbers" ? [float32(0, 2), float32()] : [bool(0, 2), bool(1)], attrs: {} },
    ],
  });
  definitions.push(op);
  return (a: Operand, b: Operand): Tensor => op([toTensor(a), toTensor(b)], {})[0] as Tensor;
}

/** a > b as a bool tensor. */
export const greater = comparison("greater", "Greater", "numbers", (a, b) => a > b);
/** a >= b as a bool tensor. */
export const greaterOrEqual = comparison("greaterOrEqual", "GreaterOrEqual", "numbers", (a, b) => a >= b);
/** a < b as a bool tensor. */
export const less = comparison("less", "Less", "numbers", (a, b) => a < b);
/** a = b as a bool tensor. */
export const equal = comparison("equal", "Equal", "numbers", (a, b) => a === b);
/** Both hold. */
export const and = comparison("and", "And", "bools", (a, b) => a !== 0 && b !== 0);
/** At least one holds. */
export const or = comparison("or", "Or", "bools", (a, b) => a !== 0 || b !== 0);

export const compareOps: readonly Op<Record<string, never>>[] = definitions;
