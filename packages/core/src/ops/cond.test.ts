import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { grad } from "../grad.js";
import { interpret } from "../interpret.js";
import { constant, placeholder, type Tensor } from "../tensor.js";
import { bool, float32, int64 } from "../tensorType.js";
import { add, mul } from "./binary.js";
import { greater } from "./compare.js";
import { cond } from "./cond.js";
import { gatherRows } from "./gather.js";
import { nonzero } from "./nonzero.js";
import { sum } from "./reduce.js";
import { scan } from "./scan.js";
import { cast } from "./shape.js";
import { exp, neg, square } from "./unary.js";

/** What a function of a vector and a flag gives for both flags, checked against the reference. */
async function bothBranches(build: (args: { x: Tensor; flag: Tensor }) => Record<string, Tensor>, values: number[]) {
  const inputs = { x: float32(values.length), flag: bool() };
  const program = await compile(inputs, build);
  const reference = interpret(inputs, build);
  const results = await Promise.all(
    [1, 0].map(async (flag) => {
      const feeds = { x: Float32Array.from(values), flag: Uint8Array.of(flag) };
      const [got, expected] = [await program.run(feeds), reference.run(feeds)];
      return Object.keys(expected).map((name) => {
        expect(Array.from(got[name]?.data as Float32Array)).toEqual(Array.from(expected[name]?.data as Float64Array));
        return Array.from(got[name]?.data as Float32Array);
      });
    }),
  );
  await program.dispose();
  return results;
}

describe("cond", () => {
  test("runs the branch that the flag chooses", async () => {
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) =>
      cond(
        flag,
        { x },
        (yes) => ({ y: mul(yes.x, 2) }),
        (no) => ({ y: neg(no.x) }),
      );
    expect(await bothBranches(build, [1, 2])).toEqual([[[2, 4]], [[-1, -2]]]);
  });

  test("branches see the surrounding graph", async () => {
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) => {
      const total = sum(x);
      return cond(
        flag,
        { x },
        (yes) => ({ y: add(yes.x, total) }),
        (no) => ({ y: mul(no.x, sum(square(x))) }),
      );
    };
    expect(await bothBranches(build, [1, 2])).toEqual([[[4, 5]], [[5, 10]]]);
  });

  test("a branch can return an operand, a captured tensor or a constant as it is", async () => {
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) => {
      const doubled = mul(x, 2);
      return cond(
        flag,
        { x },
        (yes) => ({ a: yes.x, b: doubled }),
        () => ({ a: doubled, b: constant([7, 8]) }),
      );
    };
    expect(await bothBranches(build, [1, 2])).toEqual([
      [
        [1, 2],
        [2, 4],
      ],
      [
        [2, 4],
        [7, 8],
      ],
    ]);
  });

  test("cond in cond, and scan in cond", async () => {
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) =>
      cond(
        flag,
        { x },
        (outer) => {
          const { y } = cond(
            greater(sum(outer.x), 2),
            { inner: outer.x },
            ({ inner }) => ({ y: mul(inner, outer.x) }),
            ({ inner }) => ({ y: inner }),
          );
          return { y };
        },
        (outer) => {
          const { ys } = scan({
            carry: { total: constant(0) },
            xs: { x: outer.x },
            body: ({ total }, row) => ({ carry: { total: add(total, row.x) }, ys: { y: total } }),
          });
          return { y: ys.y };
        },
      );
    expect(await bothBranches(build, [1, 3])).toEqual([[[1, 9]], [[0, 1]]]);
  });

  test("gradients are taken inside a branch", async () => {
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) =>
      cond(
        flag,
        { x },
        (yes) => ({ dx: grad(sum(square(yes.x)), [yes.x])[0] as Tensor }),
        (no) => ({ dx: grad(sum(neg(no.x)), [no.x])[0] as Tensor }),
      );
    expect(await bothBranches(build, [1, 2])).toEqual([[[2, 4]], [[-1, -1]]]);
  });

  test("the branch that is not chosen is not computed: its sizes may be impossible", async () => {
    // Row 5 of two rows would be an error.
    const build = ({ x, flag }: { x: Tensor; flag: Tensor }) =>
      cond(
        flag,
        { x, at: constant([5], [1], "int64") },
        (yes) => ({ y: sum(yes.x) }),
        (no) => ({ y: sum(gatherRows(no.x, no.at)) }),
      );
    const program = await compile({ x: float32(2), flag: bool() }, build);
    expect((await program.run({ x: Float32Array.of(1, 2), flag: Uint8Array.of(1) })).y.data).toEqual(
      Float32Array.of(3),
    );
    await program.dispose();
  });

  test("operands may have sizes that are known at run time only", async () => {
    const program = await compile({ x: float32(4) }, ({ x }) => {
      const rows = nonzero(x);
      return cond(
        greater(sum(x), 0),
        { rows },
        (yes) => ({ count: sum(cast(yes.rows, "float32")) }),
        () => ({ count: exp(constant(0)) }),
      );
    });
    expect((await program.run({ x: Float32Array.of(0, 1, 0, 1) })).count.data).toEqual(Float32Array.of(4)); // places 1 and 3
    await program.dispose();
  });

  test("errors", () => {
    const x = placeholder("x", float32(2));
    const flag = placeholder("flag", bool());
    expect(() =>
      cond(
        placeholder("n", int64()),
        { x },
        (yes) => yes,
        (no) => no,
      ),
    ).toThrowErrorMatchingInlineSnapshot(`[SaeError: cond: needed a bool scalar to choose by, got int64[]]`);
    expect(() =>
      cond(
        placeholder("flags", bool(2)),
        { x },
        (yes) => yes,
        (no) => no,
      ),
    ).toThrowErrorMatchingInlineSnapshot(`[SaeError: cond: needed a bool scalar to choose by, got bool[2]]`);
    expect(() =>
      cond<{ x: Tensor }, { y: Tensor }>(
        flag,
        { x },
        (yes) => ({ y: yes.x }),
        (no) => ({ y: sum(no.x) }),
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: cond: both branches must return the same types; 'y' is float32[2] in one, float32[] in the other]`,
    );
    expect(() =>
      cond<{ x: Tensor }, { y: Tensor }>(
        flag,
        { x },
        (yes) => ({ y: yes.x }),
        (no) => ({ y: no.x, z: no.x }),
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: cond: both branches must return the same names in the same order; got y and y, z]`,
    );
    const { y } = cond(
      flag,
      { x },
      (yes) => ({ y: sum(yes.x) }),
      (no) => ({ y: sum(square(no.x)) }),
    );
    expect(() => grad(y, [x])).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: grad: 'cond' has no gradient; take the gradient inside its body]`,
    );
  });
});
