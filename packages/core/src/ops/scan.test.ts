import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { grad } from "../grad.js";
import { interpret, largestDifference } from "../interpret.js";
import { fillNormal, key } from "../random.js";
import { constant, placeholder, type Tensor } from "../tensor.js";
import { float32, int64, type TensorType } from "../tensorType.js";
import { add, mul, sub } from "./binary.js";
import { greater } from "./compare.js";
import { cond } from "./cond.js";
import { gatherRows } from "./gather.js";
import { matmul } from "./matmul.js";
import { sum } from "./reduce.js";
import { scan } from "./scan.js";
import { neg, square, tanh } from "./unary.js";

/** Runs a function in onnxruntime and in the reference; the reference's results after checking that they agree. */
async function runBoth<Inputs extends Record<string, TensorType>>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Record<string, Tensor>,
  feeds: { [Name in keyof Inputs & string]: Float32Array | BigInt64Array },
) {
  const expected = interpret(inputs, build).run(feeds);
  const program = await compile(inputs, build);
  const got = await program.run(feeds);
  await program.dispose();
  for (const name of Object.keys(expected))
    expect(largestDifference(got[name] as never, expected[name] as never), name).toBeLessThan(1e-5);
  return Object.fromEntries(Object.entries(expected).map(([name, { data }]) => [name, Array.from(data)]));
}

const numbers = (...values: number[]) => Float32Array.from(values);

describe("scan", () => {
  test("carries state and stacks outputs", async () => {
    const build = ({ xs }: { xs: Tensor }) => {
      const { carry, ys } = scan({
        carry: { total: constant(0) },
        xs: { x: xs },
        body: ({ total }, { x }) => ({ carry: { total: add(total, x) }, ys: { before: total, squared: square(x) } }),
      });
      return { total: carry.total, before: ys.before, squared: ys.squared };
    };
    expect(await runBoth({ xs: float32(4) }, build, { xs: numbers(1, 2, 3, 4) })).toEqual({
      total: [10],
      before: [0, 1, 3, 6],
      squared: [1, 4, 9, 16],
    });
  });

  test("the body uses tensors of the surrounding graph", async () => {
    const build = ({ xs, w }: { xs: Tensor; w: Tensor }) => {
      const twice = mul(w, 2); // computed once, outside
      const { ys } = scan({
        carry: {},
        xs: { x: xs },
        body: (_, { x }) => ({ carry: {}, ys: { y: matmul(x, twice) } }),
      });
      return { y: ys.y };
    };
    const feeds = { xs: numbers(1, 0, 0, 1), w: numbers(1, 2, 3, 4) };
    expect(await runBoth({ xs: float32(2, 1, 2), w: float32(2, 2) }, build, feeds)).toEqual({ y: [2, 4, 6, 8] });
  });

  test("a captured tensor can be an output of the body as it is", async () => {
    const build = ({ xs, w }: { xs: Tensor; w: Tensor }) => {
      const { carry, ys } = scan({
        carry: { last: constant(0) },
        xs: { x: xs },
        body: (_, { x }) => ({ carry: { last: x }, ys: { w } }),
      });
      return { last: carry.last, w: ys.w };
    };
    expect(await runBoth({ xs: float32(2), w: float32() }, build, { xs: numbers(5, 6), w: numbers(9) })).toEqual({
      last: [6],
      w: [9, 9],
    });
  });

  test("gradient steps inside the body follow the reference for 20 steps", async () => {
    const build = ({ w, xs, target }: { w: Tensor; xs: Tensor; target: Tensor }) => {
      const { carry, ys } = scan({
        carry: { w },
        xs: { x: xs },
        body: (state, { x }) => {
          const loss = sum(square(sub(tanh(matmul(x, state.w)), target)));
          return { carry: { w: sub(state.w, mul(grad(loss, [state.w])[0] as Tensor, 0.05)) }, ys: { loss } };
        },
      });
      return { w: carry.w, loss: ys.loss };
    };
    const random = (name: string, size: number) => fillNormal(key(name), new Float32Array(size));
    const { loss } = await runBoth({ w: float32(3, 2), xs: float32(20, 4, 3), target: float32(4, 2) }, build, {
      w: random("w", 6),
      xs: random("xs", 240),
      target: random("t", 8),
    });
    expect(loss).toHaveLength(20);
  });

  test("a scan in a scan, whose body sees both loops", async () => {
    const build = ({ rows, scale }: { rows: Tensor; scale: Tensor }) => {
      const { carry } = scan({
        carry: { total: constant(0) },
        xs: { row: rows },
        body: ({ total }, { row }) => {
          const inner = scan({
            carry: { product: constant(1) },
            xs: { x: row },
            body: ({ product }, { x }) => ({
              carry: { product: mul(mul(product, x), scale) },
              ys: { seen: add(product, total) },
            }),
          });
          return { carry: { total: add(total, add(inner.carry.product, sum(inner.ys.seen))) }, ys: {} };
        },
      });
      return { total: carry.total };
    };
    // row [1, 2]: seen 1, 1·1·10 = 10; product 10·2·10 = 200; total 211. row [3, 0]: seen 212, 241; product 0; total 211 + 453.
    expect(
      await runBoth({ rows: float32(2, 2), scale: float32() }, build, {
        rows: numbers(1, 2, 3, 0),
        scale: numbers(10),
      }),
    ).toEqual({ total: [664] });
  });

  test("a branch in a scan is chosen anew in each step", async () => {
    const build = ({ xs }: { xs: Tensor }) => {
      const { carry } = scan({
        carry: { total: constant(0) },
        xs: { x: xs },
        body: ({ total }, { x }) => {
          const { step } = cond(
            greater(x, 2),
            { x, total },
            (inside) => ({ step: mul(inside.x, 10) }),
            (inside) => ({ step: neg(inside.total) }),
          );
          return { carry: { total: add(total, step) }, ys: {} };
        },
      });
      return { total: carry.total };
    };
    expect(await runBoth({ xs: float32(3) }, build, { xs: numbers(3, 1, 4) })).toEqual({ total: [40] }); // 30, then 0, then 40
  });

  test("one step and an integer sequence", async () => {
    const build = ({ ids, table }: { ids: Tensor; table: Tensor }) => {
      const { ys } = scan({
        carry: {},
        xs: { id: ids },
        body: (_, { id }) => ({ carry: {}, ys: { row: gatherRows(table, id) } }),
      });
      return { rows: ys.row };
    };
    expect(
      await runBoth({ ids: int64(1), table: float32(3) }, build, {
        ids: BigInt64Array.of(2n),
        table: numbers(7, 8, 9),
      }),
    ).toEqual({ rows: [9] });
  });

  test("the number of steps can be known at run time only", async () => {
    const program = await compile({ xs: float32("steps") }, ({ xs }) => {
      const { carry } = scan({
        carry: { total: constant(0) },
        xs: { x: xs },
        body: ({ total }, { x }) => ({ carry: { total: add(total, x) }, ys: {} }),
      });
      return { total: carry.total };
    });
    for (const [values, total] of [
      [[1, 2, 3], 6],
      [[4], 4],
    ] as const) {
      expect(
        (await program.run({ xs: { data: Float32Array.from(values), shape: [values.length] } })).total.data[0],
      ).toBe(total);
    }
    await program.dispose();
  });

  test("state that changes its type is an error", () => {
    const body = (state: { w: Tensor }) => ({ carry: { w: add(state.w, constant([1, 2, 3])) }, ys: {} });
    expect(() =>
      scan({ carry: { w: constant(0) }, xs: { x: constant([1, 2]) }, body }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scan: state 'w' needed to stay float32[], the body returned float32[3]]`,
    );
    const forgetful = () => ({ carry: {} as { w: Tensor }, ys: {} });
    expect(() =>
      scan({ carry: { w: constant(0) }, xs: { x: constant([1, 2]) }, body: forgetful }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scan: state 'w' needed to stay float32[], the body returned nothing]`,
    );
  });

  test("sequences of different lengths are an error", () => {
    expect(() =>
      scan({
        carry: {},
        xs: { a: constant([1, 2]), b: constant([1, 2, 3]) },
        body: (_, { a, b }) => ({ carry: {}, ys: { c: add(a, b) } }),
      }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scan: needed one or more sequences of equally many steps, got float32[2] and float32[3]]`,
    );
  });

  test("no step is an error, when the graph is built or when it runs", async () => {
    const total = (xs: Tensor) =>
      scan({
        carry: { total: constant(0) },
        xs: { x: xs },
        body: (carry, { x }) => ({ carry: { total: add(carry.total, x) }, ys: {} }),
      }).carry.total;
    expect(() => total(placeholder("xs", float32(0)))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scan: needed sequences of one step or more, got float32[0]]`,
    );
    const program = await compile({ xs: float32("steps") }, ({ xs }) => ({ total: total(xs) }));
    const none = { xs: { data: new Float32Array(0), shape: [0] } };
    await expect(program.run(none)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: a scan needed sequences of one step or more, got sequences of none; leave out the run when there is nothing to go through]`,
    );
    await program.dispose();
  });

  test("no sequence at all is an error", () => {
    expect(() =>
      scan({ carry: { x: constant(1) }, xs: {}, body: (carry) => ({ carry, ys: {} }) }),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scan: needed one or more sequences of equally many steps, got none]`,
    );
  });
});
