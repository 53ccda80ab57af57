import { defineOp } from "../defineOp.js";
import { SaeError } from "../error.js";
import type { NdArray } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { float32, formatType, sameType } from "../tensorType.js";

export const stopGradientOp = defineOp({
  name: "stopGradient",
  infer: ([x]) => (x ? [x] : []),
  lower: (_context, inputs) => inputs,
  vjp: () => [null],
  reference: (inputs) => inputs,
  examples: [{ inputs: [float32(2)], attrs: {}, note: "value passes, gradient does not" }],
});

/** The same value, treated as a constant by `grad`. */
export const stopGradient = (x: Tensor): Tensor => stopGradientOp([x], {})[0] as Tensor;

/** Gradient of each argument, from the arguments, the value and its gradient; null where there is none. */
export type CustomBackward = (args: { inputs: readonly Tensor[]; y: Tensor; dy: Tensor }) => readonly (Tensor | null)[];

const customGradientOp = defineOp<{ readonly backward: CustomBackward }>({
  name: "customGradient",
  opaque: true,
  infer: ([y]) => (y ? [y] : []),
  lower: (_context, inputs) => [inputs[0] as string],
  vjp: ({ inputs, outputs, grads: [dy], attrs }) => {
    const args = inputs.slice(1);
    const gradients = attrs.backward({ inputs: args, y: outputs[0] as Tensor, dy: dy as Tensor });
    gradients.forEach((gradient, i) => {
      if (gradient && !sameType(gradient, args[i] as Tensor)) {
        throw new SaeError(
          "shape_mismatch",
          `customGradient: argument ${i} needed a gradient of type ${formatType(args[i] as Tensor)}, backward returned ${formatType(gradient)}`,
        );
      }
    });
    return [null, ...gradients];
  },
  reference: ([y]) => [y as NdArray],
  examples: [],
});

/**
 * A function with a gradient of your own: straight-through estimators and the like. `forward` is computed from `inputs` as
 * usual, but `grad` never looks inside it and calls `backward` instead.
 *
 * @example a step that passes the gradient straight through
 * const step = customGradient([x], ([x]) => cast(greater(x, 0), "float32"), ({ dy }) => [dy]);
 */
export function customGradient(
  inputs: readonly Tensor[],
  forward: (inputs: readonly Tensor[]) => Tensor,
  backward: CustomBackward,
): Tensor {
  return customGradientOp([forward(inputs.map(stopGradient)), ...inputs], { backward })[0] as Tensor;
}
