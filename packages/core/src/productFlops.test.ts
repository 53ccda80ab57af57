import { expect, test } from "vitest";
import { attention } from "./attention.js";
import { compile } from "./compile.js";
import { linear } from "./ops/linear.js";
import { matmul } from "./ops/matmul.js";
import { scan } from "./ops/scan.js";
import { relu } from "./ops/unary.js";
import { productFlops } from "./productFlops.js";
import { placeholder } from "./tensor.js";
import { float32, type TensorType } from "./tensorType.js";

const x = placeholder("x", float32("batch", 3));
const w = placeholder("w", float32(4, 3));
const b = placeholder("b", float32(4));

test("two operations for each multiplication with its addition, whichever way the matrices lie", () => {
  const sizes = { batch: 5 };
  expect(productFlops([relu(matmul(x, w, { transB: true }))], sizes)).toBe(2 * 5 * 3 * 4);
  expect(productFlops([linear(x, w, b)], sizes)).toBe(2 * 5 * 3 * 4);
  expect(productFlops([matmul(x, x, { transA: true })], sizes)).toBe(2 * 3 * 5 * 3);
  expect(productFlops([relu(x)], sizes)).toBe(0);
  expect(productFlops([matmul(x, w, { transB: true })], { batch: 0 })).toBe(0);
});

test("what is used twice is computed once", () => {
  const y = matmul(x, w, { transB: true });
  expect(productFlops([y, relu(y)], { batch: 1 })).toBe(2 * 3 * 4);
});

test("sizes that are not known, and work that only a run knows, are errors", () => {
  expect(() => productFlops([linear(x, w, b)])).toThrow("needed the size of 'batch', got none; name it in sizes");
  const { carry } = scan({ carry: { w }, xs: { x }, body: (state) => ({ carry: state, ys: {} }) });
  expect(() => productFlops([carry.w], { batch: 2 })).toThrow("needed a graph of dense products, got 'scan'");
});

test("is what onnxruntime's profile counts when the graph runs", async () => {
  const types: Record<string, TensorType> = {
    q: float32(2, 5, 6, 8),
    k: float32(2, 5, 3, 8),
    v: float32(2, 5, 3, 8),
    x: float32(2, 7),
    w: float32(9, 7),
    b: float32(9),
    m: float32(4, 7, 3),
  };
  const build = (p: Record<string, ReturnType<typeof placeholder>>) => ({
    z: attention(p.q, p.k, p.v),
    y: linear(p.x, p.w, p.b),
    one: matmul(p.m, p.w, { transA: true, transB: true }),
    many: matmul(p.x, p.m),
  });
  const args = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, placeholder(name, type)]));
  const program = await compile(types, build, { profile: true });
  const zeros = Object.entries(types).map(([name, { shape }]) => [
    name,
    new Float32Array((shape as number[]).reduce((product, dim) => product * dim, 1)),
  ]);
  await program.run(Object.fromEntries(zeros));
  const ran = (await program.profile()).reduce((total, { flops }) => total + flops, 0);
  await program.dispose();
  expect(ran).toBe(productFlops(Object.values(build(args))));
  expect(ran).toBe(2 * (2 * (2 * 6 * 5 * 5 * 8) + 2 * 7 * 9 + 4 * 3 * 7 * 9 + 4 * 2 * 7 * 3));
});
