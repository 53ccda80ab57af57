import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { grad, vjp } from "./grad.js";
import { interpret, largestDifference } from "./interpret.js";
import { onnxModel, onnxNodes } from "./onnxNodes.testkit.js";
import { add, mul, sub } from "./ops/binary.js";
import { greater } from "./ops/compare.js";
import { customGradient, stopGradient } from "./ops/custom.js";
import { gatherRows } from "./ops/gather.js";
import { matmul } from "./ops/matmul.js";
import { mean, sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { cast, concat, reshape } from "./ops/shape.js";
import { exp, square } from "./ops/unary.js";
import { constant, placeholder, type Tensor } from "./tensor.js";
import { float16, float32, int64, type TensorType } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";

/** Gradients of a scalar function of named vectors, as plain numbers. */
function gradients<Inputs extends Record<string, number[]>>(
  inputs: Inputs,
  loss: (args: { [Name in keyof Inputs]: Tensor }) => Tensor,
) {
  const types = Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, float32(values.length)])) as {
    [Name in keyof Inputs]: TensorType;
  };
  const names = Object.keys(inputs);
  const results = interpret(types, (args) => {
    const found = grad(loss(args), Object.values<Tensor>(args));
    return Object.fromEntries(names.map((name, i) => [name, found[i] as Tensor]));
  }).run(
    Object.fromEntries(Object.entries(inputs).map(([name, values]) => [name, Float32Array.from(values)])) as {
      [Name in keyof Inputs & string]: Float32Array;
    },
  );
  return Object.fromEntries(names.map((name) => [name, toNumbers(results[name as keyof typeof results])]));
}

test("a tensor that is used twice collects both gradients", () => {
  // d/dx (x² + 3x) = 2x + 3
  expect(gradients({ x: [1, -2] }, ({ x }) => sum(add(square(x), mul(x, 3))))).toEqual({ x: [5, -1] });
});

test("a shared subexpression is differentiated once", () => {
  const model = onnxModel({ x: float32(4) }, ({ x }) => {
    const shared = exp(x);
    const loss = sum(add(mul(shared, 2), mul(shared, shared)));
    return { dx: grad(loss, [x])[0] as Tensor };
  });
  expect(onnxNodes(model.graph).filter(({ opType }) => opType === "Exp")).toHaveLength(1);
});

test("a broadcast tensor gets the sum over the places it went to", () => {
  expect(gradients({ b: [1], x: [1, 2, 3] }, ({ b, x }) => sum(mul(x, b)))).toEqual({ b: [6], x: [1, 1, 1] });
});

test("stopGradient makes a constant of a value", () => {
  // d/dx (x · stop(x)) = stop(x), not 2x
  expect(gradients({ x: [3] }, ({ x }) => sum(mul(x, stopGradient(x))))).toEqual({ x: [3] });
});

test("customGradient: a step that lets the gradient straight through", () => {
  const step = (x: Tensor) =>
    customGradient(
      [x],
      ([inside]) => cast(greater(inside as Tensor, 0), "float32"),
      ({ dy }) => [dy],
    );
  expect(gradients({ x: [-1, 2], w: [10, 20] }, ({ x, w }) => sum(mul(step(x), w)))).toEqual({
    x: [10, 20],
    w: [0, 1],
  });
});

test("customGradient: backward sees the value, and null means no gradient", () => {
  const doubled = (x: Tensor, y: Tensor) =>
    customGradient(
      [x, y],
      ([a, b]) => mul(a as Tensor, b as Tensor),
      ({ y: value, dy }) => [mul(dy, value), null],
    );
  expect(gradients({ x: [2], y: [5] }, ({ x, y }) => sum(doubled(x, y)))).toEqual({ x: [10], y: [0] });
});

test("the gradient with respect to a tensor in the middle of the computation", () => {
  const { dHidden, dx } = interpret({ x: float32(2) }, ({ x }) => {
    const hidden = mul(x, 3);
    const loss = sum(square(hidden));
    const [first, second] = grad(loss, [hidden, x]);
    return { dHidden: first as Tensor, dx: second as Tensor };
  }).run({ x: Float32Array.of(1, 2) });
  expect(toNumbers(dHidden)).toEqual([6, 12]);
  expect(toNumbers(dx)).toEqual([18, 36]);
});

test("a tensor that the loss does not depend on gets zeros of its shape", () => {
  expect(gradients({ x: [1, 2], other: [1, 2, 3] }, ({ x }) => sum(x))).toEqual({ x: [1, 1], other: [0, 0, 0] });
});

test("a loss that is a constant has zero gradients", () => {
  expect(gradients({ x: [1, 2] }, () => constant(7))).toEqual({ x: [0, 0] });
});

test("indices and comparisons end a path without an error", () => {
  const rows = (x: Tensor) => gatherRows(constant([1, 2, 3]), cast(x, "int64"));
  expect(gradients({ x: [2, 0] }, ({ x }) => sum(add(rows(x), x)))).toEqual({ x: [1, 1] });
});

test("vjp takes outputs of any shape, each with its seed", () => {
  const { dx } = interpret({ x: float32(2, 1) }, ({ x }) => {
    const outer = matmul(x, x, { transB: true }); // [2, 2]
    return { dx: vjp([outer], [constant([1, 0, 0, 0], [2, 2])], [x])[0] as Tensor };
  }).run({ x: Float32Array.of(3, 5) });
  expect(toNumbers(dx)).toEqual([6, 0]); // d x₀² / dx
});

test("gradients can be differentiated again", () => {
  // d²/dx² x³ = 6x
  expect(gradients({ x: [4] }, ({ x }) => sum(grad(sum(mul(square(x), x)), [x])[0] as Tensor))).toEqual({ x: [24] });
});

test("the mean over a symbolic batch divides by the size at run time", () => {
  const program = interpret({ x: float32("batch", 2) }, ({ x }) => ({ dx: grad(mean(x), [x])[0] as Tensor }));
  const batch = (rows: number) => ({ x: { data: new Float32Array(2 * rows), shape: [rows, 2] } });
  expect(toNumbers(program.run(batch(1)).dx)).toEqual([0.5, 0.5]);
  expect(program.run(batch(4)).dx.data[0]).toBe(0.125);
});

test("a concatenation of parts whose sizes are known at run time only", async () => {
  const inputs = { a: float32("n", 2), b: float32(1, 2), c: float32("m", 2) };
  const build = ({ a, b, c }: { a: Tensor; b: Tensor; c: Tensor }) => {
    const [da, db, dc] = grad(sum(square(concat([a, b, c], 0))), [a, b, c]) as [Tensor, Tensor, Tensor];
    return { da, db, dc, twice: grad(sum(square(db)), [b])[0] as Tensor };
  };
  const program = await compile(inputs, build);
  for (const [n, m] of [
    [2, 1],
    [0, 3],
  ] as const) {
    const rows = (count: number, from: number) => ({
      data: Float32Array.from({ length: 2 * count }, (_, i) => from + i),
      shape: [count, 2],
    });
    const feeds = { a: rows(n, 1), b: rows(1, 10), c: rows(m, 20) };
    const got = await program.run(feeds);
    expect(toNumbers(got.da)).toEqual(toNumbers(feeds.a).map((value) => 2 * value));
    expect(toNumbers(got.db)).toEqual([20, 22]);
    expect(toNumbers(got.dc)).toEqual(toNumbers(feeds.c).map((value) => 2 * value));
    expect(toNumbers(got.twice)).toEqual([80, 88]);
    for (const [name, expected] of Object.entries(interpret(inputs, build).run(feeds)))
      expect(largestDifference(got[name as keyof typeof got], expected), name).toBe(0);
  }
  await program.dispose();
});

test("float16 is passed by casts, to storage and from it, and by nothing else", async () => {
  const rounded = (x: Tensor) => cast(cast(x, "float16"), "float32");
  expect(gradients({ x: [1, 2] }, ({ x }) => sum(square(rounded(x))))).toEqual({ x: [2, 4] });
  const stored = placeholder("stored", float16(3));
  const [weights, unused] = grad(sum(square(cast(stored, "float32"))), [stored, placeholder("unused", float16(2))]);
  expect([weights?.dtype, unused?.dtype]).toEqual(["float16", "float16"]);
  expect(() => grad(cast(sum(mul(stored, stored)), "float32"), [stored])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: grad: needed float32 from the loss to what it is differentiated by, got 'sum' of float16[3]; cast to float32 first]`,
  );
});

test("errors", () => {
  const x = placeholder("x", float32("batch", 2));
  expect(() => grad(x, [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: grad: needed a scalar loss, got float32[batch, 2]; reduce it with sum or mean first]`,
  );
  const { carry } = scan({
    carry: { total: constant(0) },
    xs: { row: x },
    body: ({ total }, { row }) => ({ carry: { total: add(total, sum(row)) }, ys: {} }),
  });
  expect(() => grad(carry.total, [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: grad: 'scan' has no gradient; take the gradient inside its body]`,
  );
  const wrong = customGradient(
    [x],
    ([inside]) => inside as Tensor,
    ({ dy }) => [sum(dy, [0])],
  );
  expect(() => grad(sum(wrong), [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: customGradient: argument 0 needed a gradient of type float32[batch, 2], backward returned float32[2]]`,
  );
  expect(() => reshape(placeholder("ids", int64(6)), [4])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: reshape: needed as many elements as [4], got int64[6]]`,
  );
  expect(() => sub(x, placeholder("ids", int64(2)))).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: sub: needed two numeric tensors of one element type, got float32[batch, 2] and int64[2]]`,
  );
});
