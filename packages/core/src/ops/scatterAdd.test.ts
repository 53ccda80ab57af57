/*
 * Additions at repeated indices. On the CPU provider ScatterND(add) loses additions when several threads meet at one index (onnxruntime issue
 * 18048), so this is run often, with many meetings, and held against sums in double precision.
 */
import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { largestDifference } from "../interpret.js";
import type { Provider } from "../lowerContext.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import { onnxModel, onnxNodes } from "../onnxNodes.testkit.js";
import { fillNormal, fold, key } from "../random.js";
import type { Tensor } from "../tensor.js";
import { float32, int64 } from "../tensorType.js";
import { gatherRows, scatterAddRows } from "./gather.js";
import { nonzero } from "./nonzero.js";
import type { Pattern } from "./pattern.js";
import { sumColumns } from "./perLatent.js";
import { sddmm } from "./sddmm.js";
import { spmm } from "./spmm.js";
import { spmmT } from "./spmmT.js";

const repetitions = 12;
const n = 100;
const normal = (name: string, ...shape: number[]) => ({
  data: fillNormal(fold(key("scatterAdd"), name), new Float32Array(shape.reduce((a, b) => a * b, 1))),
  shape,
});
const indices = (shape: number[], at: (i: number) => number) => ({
  data: BigInt64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => BigInt(at(i))),
  shape,
});
type Float = { data: Float32Array; shape: number[] };
type Index = { data: BigInt64Array; shape: number[] };

/** Σ over entries of scale(i) · source row `from(i)`, added to row `to(i)`; one column when there is no source. */
function addRows(
  rows: number,
  entries: number,
  to: (i: number) => number,
  scale: (i: number) => number,
  source?: Float,
  from: (i: number) => number = (i) => i,
): NdArray {
  const width = source ? (source.shape[1] as number) : 1;
  const out = zerosNd(source ? [rows, width] : [rows]);
  for (let i = 0; i < entries; i++) {
    for (let j = 0; j < width; j++)
      out.data[to(i) * width + j] =
        (out.data[to(i) * width + j] as number) + scale(i) * (source?.data[from(i) * width + j] ?? 1);
  }
  return out;
}

/** 20 000 entries that all go to three latents, and 20 000 that all come from twenty inputs: both layouts. */
const toThreeLatents = (() => {
  const [batch, dSae, k] = [10_000, 500, 2];
  const column = (i: number) => [7, 8, 499][(Math.floor(i / k) + (i % k)) % 3] as number;
  return {
    batch,
    dSae,
    k,
    values: normal("rows values", batch, k),
    col: indices([batch, k], column),
    y: normal("y", batch, n),
  };
})();
const fromTwentyInputs = (() => {
  const [batch, dSae, nnz] = [4096, 1000, 20_000];
  return {
    batch,
    dSae,
    nnz,
    values: normal("flat values", nnz),
    row: indices([nnz], (i) => (i % 20) * 200),
    col: indices([nnz], (i) => Math.floor(i / 20)),
    w: normal("w", dSae, n),
  };
})();

const at =
  ({ data }: { data: ArrayLike<number | bigint> }) =>
  (i: number) =>
    Number(data[i]);

/** Each case: what to run, on what, and the sum in double precision. */
const cases = {
  "spmmT, two entries a row": (() => {
    const { batch, dSae, k, values, col, y } = toThreeLatents;
    return {
      feeds: { values, col, y },
      build: ({ values: v, col: c, y: dense }: Record<string, Tensor>) =>
        spmmT(v as Tensor, { batch, dSae, col: c as Tensor }, dense as Tensor),
      expected: addRows(dSae, batch * k, at(col), at(values), y, (i) => Math.floor(i / k)),
    };
  })(),
  "sumColumns, two entries a row": (() => {
    const { batch, dSae, k, values, col } = toThreeLatents;
    return {
      feeds: { values, col },
      build: ({ values: v, col: c }: Record<string, Tensor>) =>
        sumColumns(v as Tensor, { batch, dSae, col: c as Tensor }),
      expected: addRows(dSae, batch * k, at(col), at(values)),
    };
  })(),
  "spmm, listed rows": (() => {
    const { batch, dSae, nnz, values, row, col, w } = fromTwentyInputs;
    return {
      feeds: { values, row, col, w },
      build: ({ values: v, row: r, col: c, w: table }: Record<string, Tensor>) =>
        spmm(v as Tensor, { batch, dSae, col: c as Tensor, row: r as Tensor }, table as Tensor),
      expected: addRows(batch, nnz, at(row), at(values), w, at(col)),
    };
  })(),
  "spmmT, listed rows that all go to three latents": (() => {
    const [batch, dSae, nnz] = [7000, 500, 21_000];
    const [values, row, col, y] = [
      normal("v", nnz),
      indices([nnz], (i) => Math.floor(i / 3)),
      indices([nnz], (i) => [7, 8, 499][i % 3] as number),
      normal("y", batch, n),
    ];
    return {
      feeds: { values, row, col, y },
      build: ({ values: v, row: r, col: c, y: dense }: Record<string, Tensor>) =>
        spmmT(v as Tensor, { batch, dSae, col: c as Tensor, row: r as Tensor }, dense as Tensor),
      expected: addRows(dSae, nnz, at(col), at(values), y, at(row)),
    };
  })(),
  scatterAddRows: (() => {
    const [values, index, like] = [normal("v", 20_000, 20), indices([20_000], (i) => i % 3), normal("like", 4, 20)];
    return {
      feeds: { values, index, like },
      build: (args: Record<string, Tensor>) =>
        scatterAddRows(args.index as Tensor, args.values as Tensor, args.like as Tensor),
      expected: addRows(4, 20_000, at(index), () => 1, values),
    };
  })(),
};

const typesOf = (feeds: Record<string, Float | Index>) =>
  Object.fromEntries(
    Object.entries(feeds).map(([name, { data, shape }]) => [
      name,
      data instanceof Float32Array ? float32(...shape) : int64(...shape),
    ]),
  );

describe.each([1, 2])("with %i thread(s), repeated indices add up", (threads) => {
  test.each(Object.entries(cases))("%s", async (_name, { feeds, build, expected }) => {
    const program = await compile(typesOf(feeds), (args) => ({ y: build(args) }), { threads });
    let first: Uint8Array | undefined;
    for (let repetition = 0; repetition < repetitions; repetition++) {
      const { y } = await program.run(feeds);
      expect(largestDifference(y, expected)).toBeLessThan(2e-4); // sums of 7000 numbers in float32
      const bits = new Uint8Array(y.data.buffer, y.data.byteOffset, y.data.byteLength);
      first ??= bits;
      if (threads === 1) expect(Buffer.compare(first, bits), "the same bits each time").toBe(0);
    }
    await program.dispose();
  });

  test("when the number of entries is known at run time only, in several chunks", async () => {
    const [batch, dSae, nnz] = [4096, 1000, 12_288];
    const mask = {
      data: Float32Array.from({ length: nnz + 512 }, (_, i) => (i % 25 === 24 ? 0 : 1)),
      shape: [nnz + 512],
    }; // 512 zeros
    const [values, y, w] = [normal("nnz values", nnz + 512), normal("nnz y", batch, n), normal("nnz w", dSae, n)];
    const row = indices([nnz + 512], (i) => i % batch);
    const col = indices([nnz + 512], (i) => Math.floor(i / batch) * 333);
    const feeds = { mask, values, row, col, y, w };
    const program = await compile(
      typesOf(feeds),
      (args) => {
        const kept = nonzero(args.mask as Tensor); // [nnz]
        const [v, c, r] = [args.values, args.col, args.row].map((x) => gatherRows(x as Tensor, kept)) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const pattern: Pattern = { batch, dSae, col: c, row: r };
        return {
          toLatents: spmmT(v, pattern, args.y as Tensor),
          decoded: spmm(v, pattern, args.w as Tensor),
          dots: sddmm(args.y as Tensor, args.w as Tensor, pattern),
        };
      },
      { threads },
    );
    const weight = (i: number) => at(mask)(i) * at(values)(i);
    const dots = {
      shape: [nnz],
      data: Float64Array.from(
        Array.from(mask.data.keys()).filter((i) => mask.data[i] === 1),
        (i) => dot(y, at(row)(i), w, at(col)(i)),
      ),
    };
    for (let repetition = 0; repetition < 3; repetition++) {
      const results = await program.run(feeds);
      expect(largestDifference(results.toLatents, addRows(dSae, nnz + 512, at(col), weight, y, at(row)))).toBeLessThan(
        2e-4,
      );
      expect(largestDifference(results.decoded, addRows(batch, nnz + 512, at(row), weight, w, at(col)))).toBeLessThan(
        2e-5,
      );
      expect(largestDifference(results.dots, dots)).toBeLessThan(2e-5);
    }
    await program.dispose();
  });
});

const dot = (a: Float, i: number, b: Float, j: number): number =>
  Array.from({ length: n }, (_, d) => (a.data[i * n + d] as number) * (b.data[j * n + d] as number)).reduce(
    (x, y) => x + y,
    0,
  );

describe("which operator adds", () => {
  const adding = (target: { provider: Provider; threads: number }) =>
    Object.values(cases).flatMap(({ feeds, build }) =>
      onnxNodes(onnxModel(typesOf(feeds), (args) => ({ y: build(args) }), target).graph).filter(
        ({ opType, attribute }) =>
          opType === "ScatterND" &&
          attribute.some(({ name, s }) => name === "reduction" && new TextDecoder().decode(s) === "add"),
      ),
    ).length;

  test("ScatterND(add) is used on one CPU thread, and on CUDA, which adds atomically", () => {
    expect(adding({ provider: "cpu", threads: 1 })).toBeGreaterThanOrEqual(Object.keys(cases).length);
    expect(adding({ provider: "cuda", threads: 1 })).toBeGreaterThanOrEqual(Object.keys(cases).length);
  });

  test("it is never used where additions can be lost: on several CPU threads and in WebGPU", () => {
    expect(adding({ provider: "cpu", threads: 2 })).toBe(0);
    expect(adding({ provider: "webgpu", threads: 1 })).toBe(0);
  });

  test("wide results are added in several chunks", () => {
    const { feeds, build } = cases["spmmT, two entries a row"];
    const nodes = onnxNodes(onnxModel(typesOf(feeds), (args) => ({ y: build(args) })).graph);
    expect(nodes.filter(({ opType }) => opType === "ScatterND").length).toBeGreaterThan(1); // 8 MB, more than a chunk may hold
  });
});
