import type { Feed } from "./compile.js";
import { type NdArray, toDoubles } from "./ndArray.js";
import { evaluateGraph } from "./reference.js";
import { placeholder, type Tensor } from "./tensor.js";
import { staticShape, type TensorType } from "./tensorType.js";

/** A function over symbolic tensors that the reference implementations evaluate, in double precision. */
export interface Interpreter<Inputs extends string, Outputs extends string> {
  /** Evaluates the function with the plain reference implementations. */
  run(feeds: Record<Inputs, Feed>): Record<Outputs, NdArray>;
}

/**
 * Like `compile`, without onnxruntime: slow, in double precision, for comparison.
 *
 * @example
 * const expected = interpret(inputs, build).run(feeds);
 * const got = await (await compile(inputs, build)).run(feeds);
 * largestDifference(got.y, expected.y); // 1e-7 or so
 */
export function interpret<Inputs extends Record<string, TensorType>, Outputs extends Record<string, Tensor>>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Outputs,
): Interpreter<keyof Inputs & string, keyof Outputs & string> {
  const args = Object.fromEntries(Object.entries(inputs).map(([name, type]) => [name, placeholder(name, type)]));
  const outputs = build(args as { [Name in keyof Inputs]: Tensor });
  const names = Object.keys(outputs);
  return {
    run: (feeds) => {
      const bindings = Object.entries(args).map(([name, tensor]): [Tensor, NdArray] => [
        tensor,
        toNdArray(name, tensor, feeds[name as keyof typeof feeds]),
      ]);
      const results = evaluateGraph(Object.values(outputs), new Map(bindings));
      return Object.fromEntries(names.map((name, i) => [name, results[i]])) as Record<keyof Outputs & string, NdArray>;
    },
  };
}

function toNdArray(name: string, type: TensorType, feed: Feed): NdArray {
  const [data, shape] = "data" in feed ? [feed.data, feed.shape] : [feed, staticShape(type.shape, name)];
  return { shape, data: toDoubles(type.dtype, data) };
}

/**
 * Largest |a − b| / max(1, |b|) over all elements, infinite when shapes differ or when one is a number and the other is not.
 *
 * @param a result of a program; a `Uint16Array` holds the bits of float16
 */
export function largestDifference(
  a: { readonly data: ArrayLike<number> | ArrayLike<bigint>; readonly shape: readonly number[] },
  b: NdArray,
): number {
  if (a.shape.join() !== b.shape.join()) return Number.POSITIVE_INFINITY;
  const values = toDoubles("float16", a.data);
  return b.data.reduce((largest, expected, i) => {
    const got = values[i] as number;
    if (Object.is(got, expected) || got === expected) return largest;
    const difference = Math.abs(got - expected) / Math.max(1, Math.abs(expected));
    return Math.max(largest, Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference);
  }, 0);
}
