/*
 * Sums of entries by their row or column, in groups: every shape of pattern that the cutting into groups and ranges must get right, with rows so wide
 * that `spmmT` groups as well.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { interpret, largestDifference } from "../interpret.js";
import { countOperators, onnxModel, onnxNodes } from "../onnxNodes.testkit.js";
import { fillNormal, fold, key } from "../random.js";
import type { Tensor } from "../tensor.js";
import { float32, int64 } from "../tensorType.js";
import type { Pattern } from "./pattern.js";
import { sddmm } from "./sddmm.js";
import { spmm } from "./spmm.js";
import { spmmT } from "./spmmT.js";

const [n, batch, dSae] = [256, 37, 29];
const normal = (name: string, ...shape: number[]) => ({
  data: fillNormal(fold(key("groups"), name), new Float32Array(shape.reduce((a, b) => a * b, 1))),
  shape,
});
const [y, w] = [normal("y", batch, n), normal("w", dSae, n)];
const integers = (values: number[], ...shape: number[]) => ({ data: BigInt64Array.from(values, BigInt), shape });

type Args = Record<"v" | "col" | "row" | "y" | "w", Tensor>;
const products = (pattern: Pattern, args: Pick<Args, "v" | "y" | "w">) => ({
  decoded: spmm(args.v, pattern, args.w),
  dots: sddmm(args.y, args.w, pattern),
  toLatents: spmmT(args.v, pattern, args.y),
});

const flatTypes = {
  v: float32("nnz"),
  col: int64("nnz"),
  row: int64("nnz"),
  y: float32(batch, n),
  w: float32(dSae, n),
};
const flat =
  (options: Pick<Pattern, "sorted" | "expected">) =>
  ({ col, row, ...args }: Args) =>
    products({ batch, dSae, col, row, ...options }, args);

/** Feeds for entries given by their places row · dSae + column. */
function feedsOf(places: number[]) {
  const row = places.map((place) => Math.floor(place / dSae));
  const col = places.map((place) => place % dSae);
  return {
    v: normal("v", places.length),
    row: integers(row, places.length),
    col: integers(col, places.length),
    y,
    w,
  };
}

const everything = Array.from({ length: batch * dSae }, (_, place) => place);
const patterns: Record<string, number[]> = {
  "no entry": [],
  "one entry": [dSae * 5 + 7],
  "every entry": everything,
  "all of one column": everything.filter((place) => place % dSae === 3),
  "all of one row": everything.filter((place) => Math.floor(place / dSae) === 36),
  "groups filled exactly": everything.filter((place) => place % dSae < 8),
  "groups of one more": everything.filter((place) => place % dSae < 9),
};

/** Expected so many entries, the work is cut into few or many ranges, some without an entry. */
const expectations = [1, 8000];

describe.each(expectations)("entries in no order, %i expected", async (expected) => {
  const program = await compile(flatTypes, flat({ expected }));
  const reference = interpret(flatTypes, flat({}));

  test.each(Object.entries(patterns))("%s", async (_, places) => {
    const feeds = feedsOf([...places].reverse());
    const [got, want] = [await program.run(feeds), reference.run(feeds)];
    for (const name of ["decoded", "dots", "toLatents"] as const)
      expect(largestDifference(got[name], want[name]), name).toBeLessThan(2e-5);
  });

  test("any entries in any order", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(batch * dSae - 1), { maxLength: 400 }), async (places) => {
        const feeds = feedsOf(places);
        const [got, want] = [await program.run(feeds), reference.run(feeds)];
        for (const name of ["decoded", "dots", "toLatents"] as const)
          expect(largestDifference(got[name], want[name]), name).toBeLessThan(2e-5);
      }),
      { numRuns: 20 },
    );
  });
});

describe("entries in the order of their rows", async () => {
  const program = await compile(flatTypes, flat({ sorted: true, expected: 8000 }));

  test.each(Object.entries(patterns))("%s", async (_, places) => {
    const feeds = feedsOf(places);
    const [got, want] = [await program.run(feeds), interpret(flatTypes, flat({})).run(feeds)];
    for (const name of ["decoded", "dots", "toLatents"] as const)
      expect(largestDifference(got[name], want[name]), name).toBeLessThan(2e-5);
  });
});

test.each([0, 1, 3])("%i entries in each row", async (k) => {
  const types = { v: float32("batch", k), col: int64("batch", k), y: float32("batch", n) };
  const build = ({ v, col, y: dense }: Pick<Args, "v" | "col" | "y">) => ({
    toLatents: spmmT(v, { batch: "batch", dSae, col }, dense),
  });
  const program = await compile(types, build);
  for (const rows of [0, 1, batch]) {
    const col = Array.from({ length: rows * k }, (_, i) => (Math.floor(i / k) * 5 + (i % k)) % dSae);
    const feeds = { v: normal("rows", rows, k), col: integers(col, rows, k), y: normal("y rows", rows, n) };
    const [got, want] = [await program.run(feeds), interpret(types, build).run(feeds)];
    expect(largestDifference(got.toLatents, want.toLatents)).toBeLessThan(2e-5);
  }
});

describe("what is written", () => {
  const nodes = (target = {}) => countOperators(onnxNodes(onnxModel(flatTypes, flat({ sorted: true }), target).graph));

  test("rows are grouped once for decoding and its gradient, and only columns need sorting", () => {
    expect(nodes()).toMatchObject({ CumSum: 4, TopK: 1 });
  });

  test("nothing is grouped where additions can be lost", () => {
    expect(nodes({ threads: 2 })).not.toHaveProperty("CumSum");
  });
});
