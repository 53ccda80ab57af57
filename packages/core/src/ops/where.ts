import { defineOp } from "../defineOp.js";
import { mapNd } from "../ndArray.js";
import { type Operand, type Tensor, toTensor } from "../tensor.js";
import { bool, broadcastShapes, float32, shapeError } from "../tensorType.js";
import { sumTo } from "./reduce.js";

export const whereOp = defineOp({
  name: "where",
  infer: ([condition, a, b]) => {
    if (!condition || !a || !b || condition.dtype !== "bool" || a.dtype !== b.dtype) {
      throw shapeError(
        "where",
        "a bool condition and two tensors of one element type",
        condition && a && b ? [condition, a, b] : "fewer",
      );
    }
    return [{ dtype: a.dtype, shape: broadcastShapes("where", condition.shape, a.shape, b.shape) }];
  },
  lower: (context, inputs) => [context.emit("Where", inputs)],
  vjp: ({ inputs: [condition, a, b], grads: [dy], needs }) => [
    null,
    needs[1] ? sumTo(where(condition as Tensor, dy as Tensor, 0), a as Tensor) : null,
    needs[2] ? sumTo(where(condition as Tensor, 0, dy as Tensor), b as Tensor) : null,
  ],
  reference: ([condition, a, b]) => {
    if (!condition || !a || !b) return [];
    const shape = broadcastShapes("where", condition.shape, a.shape, b.shape) as number[];
    return [mapNd(shape, [condition, a, b], (c, x, y) => (c ? (x as number) : (y as number)))];
  },
  examples: [
    { inputs: [{ type: bool(2, 2), values: [1, 0, 0, 1] }, float32(2, 2), float32()], attrs: {} },
    { inputs: [{ type: bool(2), values: [1, 0] }, float32(3, 1), float32(2)], attrs: {} },
    { inputs: [bool(0), float32(0), float32(1)], attrs: {} },
  ],
});

/** `a` where the condition holds, `b` elsewhere; all three broadcast. */
export const where = (condition: Tensor, a: Operand, b: Operand): Tensor =>
  whereOp([condition, toTensor(a), toTensor(b)], {})[0] as Tensor;
