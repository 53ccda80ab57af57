import { describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { decodeFloat16, encodeFloat16 } from "./float16.js";
import { grad } from "./grad.js";
import { interpret, largestDifference } from "./interpret.js";
import { countOperators, onnxModel, onnxNodes } from "./onnxNodes.testkit.js";
import { add, div, mul } from "./ops/binary.js";
import { greater } from "./ops/compare.js";
import { cond } from "./ops/cond.js";
import { customGradient } from "./ops/custom.js";
import { linear } from "./ops/linear.js";
import { sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { concat, transpose } from "./ops/shape.js";
import { exp, neg, square } from "./ops/unary.js";
import { constant, placeholder, type Tensor } from "./tensor.js";
import { float16, float32, type TensorType } from "./tensorType.js";

/** Operators of the model by number of nodes, the Identity in front of each output aside. */
function operators<Inputs extends Record<string, TensorType>>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Record<string, Tensor>,
) {
  const { Identity: _outputs, ...rest } = countOperators(onnxNodes(onnxModel(inputs, build).graph));
  return rest;
}

describe("what is written", () => {
  test("a common subexpression once, however often it was built", () => {
    expect(operators({ x: float32(3) }, ({ x }) => ({ y: add(exp(neg(x)), exp(neg(x))) }))).toEqual({
      Add: 1,
      Exp: 1,
      Neg: 1,
    });
  });

  test("nothing that no output needs", () => {
    expect(
      operators({ x: float32(3) }, ({ x }) => {
        exp(x);
        return { y: neg(x) };
      }),
    ).toEqual({ Neg: 1 });
  });

  test("no gradient that was not asked for", () => {
    const both = { x: float32(4, 2), w: float32(3, 2), b: float32(3) };
    const loss = ({ x, w, b }: { x: Tensor; w: Tensor; b: Tensor }) => sum(square(linear(x, w, b)));
    const forB = operators(both, (args) => ({ db: grad(loss(args), [args.b])[0] as Tensor }));
    expect(forB.Gemm).toBe(1); // the forward product; those for x and w are not there
  });

  test("equal nodes with different attributes apart", () => {
    expect(operators({ x: float32(2, 3) }, ({ x }) => ({ a: sum(x, [0]), b: sum(x, [1]), c: sum(x, [1]) }))).toEqual({
      ReduceSum: 2,
    });
  });

  test("equal functions apart when their gradients could differ", () => {
    const twice = (x: Tensor) =>
      customGradient(
        [x],
        ([y]) => exp(y as Tensor),
        ({ dy }) => [mul(dy, 2)],
      );
    const thrice = (x: Tensor) =>
      customGradient(
        [x],
        ([y]) => exp(y as Tensor),
        ({ dy }) => [mul(dy, 3)],
      );
    expect(
      operators({ x: float32() }, ({ x }) => ({ g: grad(add(twice(x), thrice(x)), [x])[0] as Tensor })),
    ).toMatchObject({ Add: 1 });
  });

  test("two transpositions as none", () => {
    expect(operators({ x: float32(2, 3) }, ({ x }) => ({ y: neg(transpose(transpose(x))) }))).toEqual({ Neg: 1 });
  });

  test("equal constants once, at the top level, also for bodies", () => {
    const { graph } = onnxModel({ x: float32(3), xs: float32(2, 3) }, ({ x, xs }) => {
      const { carry } = scan({
        carry: { x },
        xs: { row: xs },
        body: (state, { row }) => ({ carry: { x: add(state.x, mul(row, 2)) }, ys: {} }),
      });
      return { y: mul(carry.x, 2), z: mul(x, 2) };
    });
    expect(graph?.initializer).toHaveLength(1);
  });
});

test("numbers and bits of float16, and 0 and −0, are different constants", async () => {
  const inputs = { x: float16(1), zero: float32(1) };
  const build = ({ x, zero }: { x: Tensor; zero: Tensor }) => ({
    bits: add(x, constant(Uint16Array.of(0x3c00), [1], "float16")),
    number: add(x, constant([0x3c00], [1], "float16")),
    signs: div(1, concat([mul(zero, constant([0])), mul(zero, constant([-0]))], 0)),
  });
  const feeds = { x: encodeFloat16([0]), zero: Float32Array.of(1) };
  const program = await compile(inputs, build);
  const got = await program.run(feeds);
  const expected = interpret(inputs, build).run(feeds);
  expect(decodeFloat16(got.bits.data as Uint16Array)).toEqual(Float32Array.of(1));
  expect(decodeFloat16(got.number.data as Uint16Array)).toEqual(Float32Array.of(15360));
  expect(got.signs.data).toEqual(Float32Array.of(Infinity, -Infinity));
  for (const name of ["bits", "number", "signs"] as const)
    expect(largestDifference(got[name], expected[name]), name).toBe(0);
  await program.dispose();
});

describe("bodies", () => {
  test("what does not depend on the loop is computed outside it", () => {
    const { graph } = onnxModel({ w: float32(2), xs: float32(5, 2) }, ({ w, xs }) => {
      const { carry } = scan({
        carry: { total: constant(0) },
        xs: { x: xs },
        body: ({ total }, { x }) => ({ carry: { total: add(total, sum(mul(x, exp(w)))) }, ys: {} }),
      });
      return { total: carry.total };
    });
    expect(countOperators(graph?.node ?? [])).toEqual({ Exp: 1, Identity: 1, Scan: 1 });
  });

  test("only what starts from the operands is inside a branch", () => {
    const { graph } = onnxModel({ x: float32(2) }, ({ x }) => {
      const outside = exp(x);
      const { y } = cond(
        greater(sum(x), 0),
        { x },
        (inside) => ({ y: add(square(inside.x), outside) }),
        (inside) => ({ y: neg(inside.x) }),
      );
      return { y };
    });
    expect(countOperators(graph?.node ?? [])).toEqual({ Exp: 1, Greater: 1, Identity: 1, If: 1, ReduceSum: 1 });
    expect(countOperators(onnxNodes(graph))).toMatchObject({ Add: 1, Exp: 1, Mul: 1, Neg: 1 });
  });
});

describe("outputs", () => {
  test("an input, a constant and the same value twice can be outputs", async () => {
    const program = await compile({ x: float32(2) }, ({ x }) => ({ same: x, one: constant(1), a: neg(x), b: neg(x) }));
    const { same, one, a, b } = await program.run({ x: Float32Array.of(1, 2) });
    expect([same.data, one.data, a.data, b.data]).toEqual(
      [[1, 2], [1], [-1, -2], [-1, -2]].map((values) => Float32Array.from(values)),
    );
    await program.dispose();
  });

  test("float16 constants are stored in two bytes and come out as their bits", async () => {
    const program = await compile({ x: float16(2) }, ({ x }) => ({ y: add(x, constant([1, 0.5], [2], "float16")) }));
    const { y } = await program.run({ x: Uint16Array.of(0x3c00, 0x3c00) }); // [1, 1]
    expect(y.data).toEqual(Uint16Array.of(0x4000, 0x3e00)); // [2, 1.5]
    await program.dispose();
  });
});

test("a tensor of another program is an error that names it", () => {
  const stranger = placeholder("stranger", float32(2));
  expect(() => onnxModel({ x: float32(2) }, ({ x }) => ({ y: add(x, stranger) }))).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: add: needs 'stranger', which is no input of the program; add it to the inputs]`,
  );
});
