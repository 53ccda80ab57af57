import { fillNormal, fold, key } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { poolTexts, type TextRows, type TokenActivations } from "./poolTexts.js";
import { type SparseRows, sparseRowsOf } from "./sparseRows.js";
import { channelEncoder, type TokenEncoder } from "./tokenEncoder.js";

const dModel = 3;
const latents = 7;
const encoderWeights = fillNormal(key("encoder"), new Float32Array(dModel * latents));

/** ReLU(x W), where W is any matrix. */
const codesOf = (x: ArrayLike<number>): number[] =>
  Array.from({ length: latents }, (_, j) => {
    let sum = 0;
    for (let d = 0; d < dModel; d++) sum += x[d] * encoderWeights[d * latents + j];
    return Math.max(0, Math.fround(sum));
  });

/** The same as lists of entries, a batch at a time; zeros are in it too, as a TopK has them. */
const toyEncoder = (batch: number): TokenEncoder => ({
  batch,
  columns: latents,
  encode: (x) => {
    const entries = Array.from({ length: batch }, (_, row) =>
      codesOf(x.subarray(row * dModel, (row + 1) * dModel)).map((value, column) => ({ row, column, value })),
    ).flat();
    return {
      values: entries.map(({ value }) => value),
      latents: entries.map(({ column }) => column),
      rows: entries.map(({ row }) => row),
    };
  },
});

/** Activations in memory, and how they were read. */
function inMemory(tokens: number) {
  const values = fillNormal(fold(key("activations"), tokens), new Float32Array(tokens * dModel));
  const reads: [number, number][] = [];
  const activations: TokenActivations = {
    dModel,
    readRange: async (start, count, out) => {
      reads.push([start, count]);
      out.set(values.subarray(start * dModel, (start + count) * dModel));
    },
  };
  return { values, reads, activations };
}

/** The plain way: all codes of a text in a dense matrix, averaged. */
function densely(values: Float32Array, { start, end }: TextRows): { mean: number[]; last: number[] } {
  const codes = Array.from({ length: end - start }, (_, i) =>
    codesOf(values.subarray((start + i) * dModel, (start + i + 1) * dModel)),
  );
  const mean = codes[0].map((_, j) => codes.reduce((sum, row) => sum + row[j], 0) / codes.length);
  return { mean, last: codes[codes.length - 1] };
}

const toDense = ({ rows, columns, starts, indices, values }: SparseRows): number[][] =>
  Array.from({ length: rows }, (_, i) => {
    const row = new Array<number>(columns).fill(0);
    for (let at = starts[i]; at < starts[i + 1]; at++) row[indices[at]] = values[at];
    return row;
  });

test("a stream gives exactly what the dense matrix gives, whatever the batch", async () => {
  const texts = fc.array(fc.record({ gap: fc.integer({ min: 0, max: 3 }), length: fc.integer({ min: 1, max: 9 }) }));
  await fc.assert(
    fc.asyncProperty(texts, fc.integer({ min: 1, max: 8 }), async (shapes, batch) => {
      let end = 0;
      const rows = shapes.map(({ gap, length }) => {
        const start = end + gap;
        end = start + length;
        return { start, end };
      });
      const { values, activations } = inMemory(end);
      const pooled = await poolTexts(activations, rows, toyEncoder(batch));
      const plain = rows.map((row) => densely(values, row));
      expect(toDense(pooled.mean)).toEqual(plain.map(({ mean }) => mean));
      expect(toDense(pooled.last)).toEqual(plain.map(({ last }) => last));
      // Zeros are not kept.
      expect(pooled.mean.values.every((value) => value !== 0)).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("texts in any order, also twice; neighbours are read at once", async () => {
  const { values, reads, activations } = inMemory(9);
  const texts = [
    { start: 4, end: 6 },
    { start: 6, end: 9 },
    { start: 0, end: 4 },
    { start: 4, end: 6 },
  ];
  const { mean } = await poolTexts(activations, texts, toyEncoder(100));
  expect(toDense(mean)).toEqual(texts.map((text) => densely(values, text).mean));
  expect(reads).toEqual([
    [4, 5],
    [0, 6],
  ]);
});

describe("channels", () => {
  it("are the activations themselves", async () => {
    const { values, activations } = inMemory(5);
    const texts = [
      { start: 0, end: 2 },
      { start: 2, end: 5 },
    ];
    const { mean, last } = await poolTexts(activations, texts, channelEncoder(dModel, 2));
    const at = (token: number, d: number) => values[token * dModel + d];
    for (let d = 0; d < dModel; d++) {
      expect(toDense(mean)[0][d]).toBe((at(0, d) + at(1, d)) / 2);
      expect(toDense(last)[1][d]).toBe(at(4, d));
    }
  });
});

test("no texts, no tokens", async () => {
  const { activations } = inMemory(2);
  expect((await poolTexts(activations, [], toyEncoder(2))).mean.rows).toBe(0);
  await expect(poolTexts(activations, [{ start: 1, end: 1 }], toyEncoder(2))).rejects.toThrow(
    "needed at least one token in text 0",
  );
});

test("sparse rows of a dense matrix", () => {
  expect(sparseRowsOf([0, 1, 0, 2, 0, 3], 3)).toEqual({
    rows: 2,
    columns: 3,
    starts: Float64Array.of(0, 1, 3),
    indices: Uint32Array.of(1, 0, 2),
    values: Float64Array.of(1, 2, 3),
  });
  expect(sparseRowsOf([], 3).rows).toBe(0);
});
