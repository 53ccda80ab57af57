import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  above,
  atLatents,
  type Codes,
  decode,
  firedLatents,
  largestInBatch,
  meanActive,
  type PreActivation,
  preActivation,
  topk,
  withValues,
} from "./codes.js";
import { compile } from "./compile.js";
import { greater } from "./ops/compare.js";
import { matmul } from "./ops/matmul.js";
import { sum } from "./ops/reduce.js";
import { where } from "./ops/where.js";
import { fillNormal, key } from "./random.js";
import { constant, full, placeholder, type Tensor } from "./tensor.js";
import { float32 } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";

/** Small whole numbers, so that every pre-activation is exact and equal ones are many. */
interface Sizes {
  readonly batch: number;
  readonly dModel: number;
  readonly dSae: number;
}

const unsigned = (values: number[]) => values.map((value) => value + 0); // −0 becomes 0
const wholeNumbers = (name: string, size: number) =>
  fillNormal(key(name), new Float32Array(size)).map((value) => Math.round(value) + 0);

function weights({ batch, dModel, dSae }: Sizes, seed: number) {
  const x = wholeNumbers(`x/${seed}`, batch * dModel);
  const W_enc = wholeNumbers(`W/${seed}`, dModel * dSae);
  const b_enc = wholeNumbers(`b/${seed}`, dSae);
  const pre = Array.from({ length: batch }, (_, r) =>
    Array.from({ length: dSae }, (__, c) => {
      let total = b_enc[c] as number;
      for (let i = 0; i < dModel; i++) total += (x[r * dModel + i] as number) * (W_enc[i * dSae + c] as number);
      return total;
    }),
  );
  return { x, W_enc, b_enc, pre };
}

/** Values, rows and columns of the codes that `select` makes, rows filled in for [batch, k] layouts. */
async function selected(sizes: Sizes, seed: number, select: (pre: PreActivation, hint: Tensor) => Codes, hint = 0) {
  const { batch, dModel, dSae } = sizes;
  const { pre, ...feeds } = weights(sizes, seed);
  const program = await compile(
    { x: float32(batch, dModel), W_enc: float32(dModel, dSae), b_enc: float32(dSae), hint: float32() },
    (args) => {
      const { values, pattern } = select(preActivation(args.x, args), args.hint);
      if (!pattern) return { values };
      return { values, col: pattern.col, ...(pattern.row && { row: pattern.row }) };
    },
  );
  const results: Record<string, { data: ArrayLike<number> | ArrayLike<bigint> }> = await program.run({
    ...feeds,
    hint: Float32Array.of(hint),
  });
  await program.dispose();
  const values = unsigned(toNumbers(results.values as { data: ArrayLike<number> }));
  const col = toNumbers(results.col as { data: ArrayLike<number> });
  const row = results.row ? toNumbers(results.row) : col.map((_, i) => Math.floor(i / (col.length / batch)));
  return { values, row, col, pre };
}

const descending = (values: number[]) => [...values].sort((a, b) => b - a);
const rectified = (values: number[]) => values.map((value) => Math.max(value, 0));

/** Every entry lies where it says, with the value that is there, and none twice. */
function checkPlaces({ values, row, col, pre }: Awaited<ReturnType<typeof selected>>) {
  expect(values).toEqual(row.map((r, i) => Math.max(pre[r]?.[col[i] as number] as number, 0)));
  expect(new Set(row.map((r, i) => `${r},${col[i]}`)).size).toBe(values.length);
}

const seeds = fc.integer({ min: 0, max: 1e6 });

describe("topk", () => {
  test("takes the k largest of each row, whatever the sizes and ties", async () => {
    const sizes = fc.record({
      batch: fc.integer({ min: 0, max: 4 }),
      dModel: fc.integer({ min: 1, max: 3 }),
      dSae: fc.integer({ min: 1, max: 40 }),
    });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), seeds, async (shape, kSeed, seed) => {
        const k = kSeed % (shape.dSae + 1);
        const result = await selected(shape, seed, (pre) => topk(pre, k));
        checkPlaces(result);
        result.pre.forEach((values, r) => {
          const chosen = result.values.slice(r * k, (r + 1) * k);
          expect(descending(chosen)).toEqual(rectified(descending(values).slice(0, k)));
        });
      }),
      { numRuns: 40 },
    );
  });

  test("searches a large batch in chunks with the same result", async () => {
    const sizes = { batch: 1300, dModel: 3, dSae: 24 };
    const result = await selected(sizes, 1, (pre) => topk(pre, 3));
    checkPlaces(result);
    result.pre.forEach((values, r) => {
      expect(descending(result.values.slice(r * 3, r * 3 + 3))).toEqual(rectified(descending(values).slice(0, 3)));
    });
  });

  test("the batch size may be known at run time only, and be 0", async () => {
    const program = await compile({ x: float32("batch", 3) }, ({ x }) => {
      const codes = topk(preActivation(x, { W_enc: identity(3), b_enc: full(0, [3]) }), 1);
      return { dense: decode(codes, identity(3)), l0: meanActive(codes) };
    });
    const run = async (...x: number[]) => {
      const { dense, l0 } = await program.run({ x: { data: Float32Array.from(x), shape: [x.length / 3, 3] } });
      return [toNumbers(dense), toNumbers(l0)];
    };
    expect(await run(1, 2, 3, -1, -2, -3)).toEqual([[0, 0, 3, 0, 0, 0], [0.5]]);
    expect(await run(4, 2, 3)).toEqual([[4, 0, 0], [1]]);
    expect(await run()).toEqual([[], [Number.NaN]]);
    await program.dispose();
  });
});

describe("largestInBatch", () => {
  test("takes the largest of the whole batch, with any hint or none", async () => {
    const sizes = fc.record({
      batch: fc.integer({ min: 1, max: 5 }),
      dModel: fc.integer({ min: 1, max: 3 }),
      dSae: fc.constantFrom(1, 7, 32, 64, 96),
    });
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.nat(),
        seeds,
        fc.option(fc.integer({ min: -20, max: 20 })),
        async (shape, countSeed, seed, hint) => {
          const count = countSeed % (shape.batch * shape.dSae + 1);
          const result = await selected(
            shape,
            seed,
            (pre, value) => largestInBatch(pre, count, hint === null ? undefined : value),
            hint ?? 0,
          );
          checkPlaces(result);
          expect(descending(result.values)).toEqual(rectified(descending(result.pre.flat()).slice(0, count)));
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([
    { hint: -1e30, what: "below 0: it counts as 0" },
    { hint: -Infinity, what: "−∞" },
    { hint: Number.NaN, what: "NaN" },
    { hint: 3, what: "a little low" },
    { hint: Infinity, what: "∞" },
    { hint: 1000, what: "far too high: no candidate, everything is searched" },
  ])("a hint that is $what", async ({ hint }) => {
    const sizes = { batch: 40, dModel: 3, dSae: 64 };
    const result = await selected(sizes, 2, (pre, value) => largestInBatch(pre, 100, value), hint);
    checkPlaces(result);
    expect(descending(result.values)).toEqual(rectified(descending(result.pre.flat()).slice(0, 100)));
  });

  test.each([undefined, -Infinity, 1])(
    "inputs that are NaN take no more places than there are (hint: %s)",
    async (hint) => {
      const program = await compile({ x: float32(4, 1), hint: float32() }, ({ x, hint: given }) => {
        const pre = preActivation(x, { W_enc: full(1, [1, 64]), b_enc: full(0, [64]) });
        const codes = largestInBatch(pre, 3, hint === undefined ? undefined : given);
        return { values: codes.values, col: codes.pattern?.col as Tensor, row: codes.pattern?.row as Tensor };
      });
      const { values, col, row } = await program.run({
        x: Float32Array.of(0.5, Number.NaN, Infinity, Number.NaN),
        hint: Float32Array.of(hint ?? 0),
      });
      for (const { data } of [values, col, row]) expect(data.length).toBe(3);
      await program.dispose();
    },
  );

  test("of equal values at the cut it takes as many as are left", async () => {
    const program = await compile({ x: float32(2, 1) }, ({ x }) => {
      const codes = largestInBatch(preActivation(x, { W_enc: full(1, [1, 32]), b_enc: full(0, [32]) }), 40);
      return { perRow: sum(matmul(codes.pattern ? decodeOnes(codes) : codes.values, full(1, [1, 1])), [1]) };
    });
    const { perRow } = await program.run({ x: Float32Array.of(2, 1) }); // all 32 of the first row, then 8 ones of the second
    expect(toNumbers(perRow)).toEqual([64, 8]);
    await program.dispose();
  });

  test("errors", () => {
    const pre = (x: Tensor) => preActivation(x, { W_enc: full(1, [2, 8]), b_enc: full(0, [8]) });
    expect(() => largestInBatch(pre(placeholder("x", float32("batch", 2))), 4)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: largestInBatch: needed a fixed batch and a count of at most batch · dSae, got count 4 of batch · 8]`,
    );
    expect(() => largestInBatch(pre(placeholder("x", float32(3, 2))), 25)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: largestInBatch: needed a fixed batch and a count of at most batch · dSae, got count 25 of 3 · 8]`,
    );
    expect(() => pre(placeholder("x", float32("batch", 3)))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: preActivation: needed x [batch, 2] for W_enc [2, 8], got [batch, 3]]`,
    );
    expect(() => decodeOnes(above(pre(placeholder("x", float32("batch", 2)))))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: spmm: needed sizes known when the graph is built, got [batch]; build the program with numbers there]`,
    );
    expect(() => topk(pre(placeholder("x", float32("batch", 2))), 9)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: topkLinear: needed an integer k between 0 and dSae = 8, got 9]`,
    );
  });
});

const decodeOnes = (codes: Codes): Tensor => decode(codes, full(1, [codes.dSae, 1]));

describe("above", () => {
  const build =
    (density: "sparse" | "dense", lower?: (args: { hint: Tensor; each: Tensor }) => Tensor) =>
    async (sizes: Sizes, seed: number, hint: number) => {
      const { batch, dModel, dSae } = sizes;
      const { pre, ...feeds } = weights(sizes, seed);
      const types = {
        x: float32(batch, dModel),
        W_enc: float32(dModel, dSae),
        b_enc: float32(dSae),
        hint: float32(),
        each: float32(dSae),
      };
      const program = await compile(types, (args) => {
        const bound = lower?.(args);
        const entries = above(preActivation(args.x, args, density), bound);
        const limit = bound && (bound.shape.length === 0 ? bound : atLatents(entries, bound));
        const codes = withValues(entries, where(greater(entries.values, limit ?? 0), entries.values, 0));
        return { dense: decode(codes, identity(dSae)), fired: firedLatents(codes) };
      });
      const each = wholeNumbers(`each/${seed}`, dSae);
      const { dense, fired } = await program.run({ ...feeds, hint: Float32Array.of(hint), each });
      await program.dispose();
      return { dense: unsigned(toNumbers(dense)), fired: toNumbers(fired), pre, each };
    };
  const limits = {
    zero: { lower: undefined, at: () => 0 },
    "one for all": { lower: (args: { hint: Tensor }) => args.hint, at: (hint: number) => hint },
    "one each": { lower: (args: { each: Tensor }) => args.each, at: (_hint: number, each: number) => each },
  };

  test.each(Object.entries(limits))(
    "keeps exactly what exceeds the limit, sparse or dense (limit: %s)",
    async (_name, { lower, at }) => {
      const sizes = fc.record({
        batch: fc.integer({ min: 1, max: 4 }),
        dModel: fc.integer({ min: 1, max: 3 }),
        dSae: fc.constantFrom(1, 5, 32, 64),
      });
      await fc.assert(
        fc.asyncProperty(sizes, seeds, fc.integer({ min: -4, max: 12 }), async (shape, seed, hint) => {
          const sparse = await build("sparse", lower)(shape, seed, hint);
          const expected = sparse.pre.flatMap((row) =>
            row.map((value, c) => (value > at(hint, sparse.each[c] as number) ? value : 0)),
          );
          expect(sparse.dense).toEqual(expected);
          const dense = await build("dense", lower)(shape, seed, hint);
          expect(dense.dense).toEqual(expected);
          expect(sparse.fired).toEqual(dense.fired);
        }),
        { numRuns: 15 },
      );
    },
  );
});

const identity = (size: number): Tensor =>
  constant(
    Array.from({ length: size * size }, (_, i) => (i % (size + 1) === 0 ? 1 : 0)),
    [size, size],
  );

test("L0 and fired latents by hand, in all three layouts", async () => {
  const program = await compile({ x: float32(2, 3) }, ({ x }) => {
    const layouts = {
      rows: topk(preActivation(x, { W_enc: identity(3), b_enc: full(0, [3]) }), 2),
      flat: largestInBatch(preActivation(x, { W_enc: identity(3), b_enc: full(0, [3]) }), 4),
      dense: above(preActivation(x, { W_enc: identity(3), b_enc: full(0, [3]) }, "dense")),
    };
    return Object.fromEntries(
      Object.entries(layouts).flatMap(([name, codes]) => [
        [`${name}L0`, meanActive(codes)],
        [`${name}Fired`, firedLatents(codes)],
      ]),
    ) as Record<`${keyof typeof layouts}${"L0" | "Fired"}`, Tensor>;
  });
  const results = await program.run({ x: Float32Array.of(3, -1, 2, 0, -5, 4) }); // active: 3 and 2; 4
  await program.dispose();
  for (const layout of ["rows", "flat", "dense"] as const) {
    expect(toNumbers(results[`${layout}L0`])).toEqual([1.5]);
    expect(toNumbers(results[`${layout}Fired`])).toEqual([1, 0, 1]);
  }
});
