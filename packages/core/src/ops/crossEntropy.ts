/*
 *   logits [..., vocab]     targets [...] int64     keep [...] bool     losses [...] in nats
 */
import { defineOp, type Op } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { float32, int64, sameShape, shapeError } from "../tensorType.js";
import { div, mul } from "./binary.js";
import { mean, sum } from "./reduce.js";
import { cast, reshape } from "./shape.js";
import { logSoftmaxOp, softmax } from "./softmax.js";
import { addAlongLastAxis } from "./takeAlong.js";
import { neg } from "./unary.js";

/** [...] as [..., 1]; `rows` lends its run-time sizes. */
const asColumn = (x: Tensor, rows: Tensor): Tensor => reshape(x, [...x.shape, 1], rows);

export const tokenLossesOp: Op<Record<string, never>> = defineOp({
  name: "tokenLosses",
  infer: ([logits, targets]) => {
    if (
      logits?.dtype !== "float32" ||
      logits.shape.length === 0 ||
      targets?.dtype !== "int64" ||
      !sameShape(targets.shape, logits.shape.slice(0, -1))
    ) {
      throw shapeError(
        "tokenLosses",
        "float32 logits [..., vocab] and int64 targets [...]",
        logits && targets ? [logits, targets] : "fewer",
      );
    }
    return [float32(...targets.shape)];
  },
  lower: (context, [logits, targets], _attrs, node) => {
    const logProbabilities = logSoftmaxOp.definition.lower(context, [logits as string], {}, node)[0] as string;
    const column = context.emit("Unsqueeze", [targets as string, context.ints(-1)]);
    const picked = context.emit("GatherElements", [logProbabilities, column], { axis: -1 });
    return [context.emit("Neg", [context.emit("Squeeze", [picked, context.ints(-1)])])];
  },
  // softmax − one-hot, with the 1 taken away where it stands: no one-hot tensor exists.
  vjp: ({ inputs: [logits, targets], grads: [dy] }) => {
    const each = asColumn(dy as Tensor, logits as Tensor); // [..., 1]
    const scaled = mul(softmax(logits as Tensor), each); // [..., vocab]
    return [addAlongLastAxis(scaled, asColumn(targets as Tensor, logits as Tensor), neg(each)), null];
  },
  reference: ([logits, targets]) => {
    const out = zerosNd((targets as NdArray).shape);
    const logProbabilities = logSoftmaxOp.definition.reference(
      [logits as NdArray],
      {},
      undefined as never,
    )[0] as NdArray;
    const vocab = logits?.shape[logits.shape.length - 1] as number;
    targets?.data.forEach((target, i) => {
      out.data[i] = -(logProbabilities.data[i * vocab + target] as number);
    });
    return [out];
  },
  examples: [
    { inputs: [float32(2, 3), { type: int64(2), values: [2, 0] }], attrs: {} },
    { inputs: [float32(2, 2, 4), { type: int64(2, 2), values: [3, 3, 0, 1] }], attrs: {} },
    {
      inputs: [
        { type: float32(1, 2), values: [1000, -1000] },
        { type: int64(1), values: [1] },
      ],
      attrs: {},
      note: "large values",
    },
    { inputs: [float32(0, 3), { type: int64(0), values: [] }], attrs: {} },
    { inputs: [float32(1), { type: int64(), values: [0] }], attrs: {} },
  ],
});

/**
 * −log softmax(logits)[target] for each position, in nats: stable, and its gradient is softmax − one-hot.
 *
 * Targets are not checked: as ONNX has it, a negative one counts from the end, so −1 is no mark for a position to leave out (see `keep` of
 * {@link crossEntropy}) but the last token.
 */
export const tokenLosses = (logits: Tensor, targets: Tensor): Tensor =>
  tokenLossesOp([logits, targets], {})[0] as Tensor;

/**
 * Cross entropy in nats: the mean of `tokenLosses` over the positions to keep.
 *
 * @param targets int64; a position that is not kept needs a valid token all the same (0 will do). Not checked: a negative one
 *   counts from the end of the vocabulary
 * @param keep bool, all positions when left out; the mean over no position at all is NaN
 */
export function crossEntropy(logits: Tensor, targets: Tensor, keep?: Tensor): Tensor {
  const losses = tokenLosses(logits, targets);
  if (!keep) return mean(losses);
  if (keep.dtype !== "bool" || !sameShape(keep.shape, targets.shape))
    throw shapeError("crossEntropy", "keep to be a bool tensor like targets", [keep, targets]);
  const weights = cast(keep, "float32");
  return div(sum(mul(losses, weights)), sum(weights));
}
