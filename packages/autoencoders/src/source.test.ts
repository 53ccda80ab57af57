import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openActivations, writeNpy } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ActivationSource, arrayActivations, fileSource, generatorSource } from "./source.js";

/** Rows [i, −i], so that a batch tells which rows it has. */
const numbered = (rows: number) =>
  arrayActivations(
    Float32Array.from({ length: 2 * rows }, (_, at) => (at % 2 === 0 ? at / 2 : -(at - 1) / 2)),
    2,
  );

const rowsOf = async (read: ActivationSource["trainBatch"], at: number, batch: number): Promise<number[]> => {
  const out = new Float32Array(2 * batch);
  await read(at, out);
  return Array.from({ length: batch }, (_, i) => {
    expect(out[2 * i + 1] + out[2 * i]).toBe(0);
    return out[2 * i];
  });
};

const stream = async (source: ActivationSource, batch: number, steps: number): Promise<number[]> => {
  const batches = [];
  for (let step = 0; step < steps; step++) batches.push(...(await rowsOf(source.trainBatch, step, batch)));
  return batches;
};

describe("in order", () => {
  it("consecutive rows, from the start again after the last whole batch", async () => {
    const source = await fileSource(numbered(7), { order: "sequential" });
    expect(await stream(source, 3, 3)).toEqual([0, 1, 2, 3, 4, 5, 0, 1, 2]);
    expect(await rowsOf(source.trainBatch, 1_000_001, 3)).toEqual([3, 4, 5]);
  });

  it("keeps nothing back unless told to: it is then evaluated on what it was trained on", async () => {
    const source = await fileSource(numbered(7), { order: "sequential" });
    expect(source.heldOutBatches(3)).toBe(2);
    expect(await rowsOf(source.heldOutBatch, 1, 3)).toEqual([3, 4, 5]);
  });

  it("with rows kept back trains on the others", async () => {
    const source = await fileSource(numbered(10), { order: "sequential", heldOut: 0.4 });
    const kept = await rowsOf(source.heldOutBatch, 0, 4);
    const trained = await stream(source, 3, 2);
    expect([...kept, ...trained].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(await rowsOf(source.trainBatch, 2, 3)).toEqual(trained.slice(0, 3));
  });
});

describe("shuffled", () => {
  it("each pass has every row that is not kept back exactly once, in another order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 400 }),
        fc.integer({ min: 0, max: 50 }),
        fc.double({ min: 0, max: 0.5, noNaN: true }),
        async (rows, seed, heldOut) => {
          const source = await fileSource(numbered(rows), { seed, heldOut });
          const kept = Math.floor(rows * heldOut);
          const all = await stream(source, 1, 2 * (rows - kept));
          const passes = [all.slice(0, rows - kept), all.slice(rows - kept)];
          const heldOutRows = kept > 0 ? await rowsOf(source.heldOutBatch, 0, kept) : [];
          for (const pass of passes) {
            expect(new Set([...pass, ...heldOutRows]).size).toBe(rows);
            expect(pass.length + heldOutRows.length).toBe(rows);
          }
          if (rows - kept > 20) expect(passes[0]).not.toEqual(passes[1]);
        },
      ),
      { numRuns: 20 },
    );
  });

  it("does not depend on the batch, or on what was read before", async () => {
    const [one, many] = [await fileSource(numbered(50)), await fileSource(numbered(50))];
    const order = await stream(one, 5, 30);
    expect(await stream(many, 10, 15)).toEqual(order);
    expect(await rowsOf(many.trainBatch, 3, 5)).toEqual(order.slice(15, 20));
  });

  it("another seed is another order and another choice of rows kept back", async () => {
    const [a, b] = [await fileSource(numbered(100), { seed: 1 }), await fileSource(numbered(100), { seed: 2 })];
    expect(await stream(a, 10, 2)).not.toEqual(await stream(b, 10, 2));
    expect(await rowsOf(a.heldOutBatch, 0, 5)).not.toEqual(await rowsOf(b.heldOutBatch, 0, 5));
    expect(a.identity).not.toEqual(b.identity);
  });

  it("keeps one row in twenty back", async () => {
    expect((await fileSource(numbered(100))).heldOutBatches(1)).toBe(5);
    expect((await fileSource(numbered(100))).heldOutBatches(2)).toBe(2);
  });

  it("does not fill held-out batches up with rows of training", async () => {
    const source = await fileSource(numbered(100));
    await rowsOf(source.heldOutBatch, 1, 2);
    await expect(rowsOf(source.heldOutBatch, 2, 2)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: array: needed 6 rows for 3 held-out batches of 2, got 5; use smaller batches or hold out more]`,
    );
  });
});

describe("a file", () => {
  it("gives what the array gives, and is identified by its bytes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "sae-source-"));
    const path = join(folder, "x.npy");
    const data = Float32Array.from({ length: 60 }, (_, at) => (at % 2 === 0 ? at / 2 : -(at - 1) / 2));
    await writeNpy(path, { dtype: "float32", shape: [30, 2], data });
    const file = await openActivations(path);
    const [source, array] = [await fileSource(file), await fileSource(arrayActivations(data, 2))];
    expect(await stream(source, 4, 9)).toEqual(await stream(array, 4, 9));
    expect(source.identity).toMatchObject({
      kind: "file",
      rows: 30,
      dModel: 2,
      dtype: "float32",
      order: "shuffled",
      seed: 0,
    });
    expect(source.identity.sha256).toMatch(/^[0-9a-f]{64}$/);
    await file.close();
    await rm(folder, { recursive: true });
  });
});

describe("a generator", () => {
  it("is asked for one batch after the other, and another one for what is held out", async () => {
    const model = (offset: number) => ({
      dModel: 2,
      batch: (index: number, size: number, out: Float32Array) =>
        out.map((_, at) => (out[at] = (at % 2 ? -1 : 1) * (offset + index * size))),
    });
    const source = generatorSource(model(0), model(1000), { seed: 4 });
    expect(await rowsOf(source.trainBatch, 3, 2)).toEqual([6, 6]);
    expect(await rowsOf(source.heldOutBatch, 0, 2)).toEqual([1000, 1000]);
    expect(source.heldOutBatches(4096)).toBe(Number.POSITIVE_INFINITY);
    expect(source.identity).toEqual({ kind: "generator", seed: 4 });
  });
});

describe("refuses", () => {
  it("fewer rows than a batch", async () => {
    const source = await fileSource(numbered(100));
    expect(() => source.trainBatch(0, new Float32Array(2 * 96))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: array: needed at least one batch of 96 rows for training, got 95 (5 held out); use a smaller --batch]`,
    );
  });

  it("no rows at all", async () => {
    await expect(fileSource(numbered(0))).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: array: needed at least one row of activations, got none; name a file that has some]`,
    );
  });

  it("an array that is no matrix, and what is no number", () => {
    expect(() => arrayActivations(new Float32Array(7), 2)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: arrayActivations: needed a multiple of dModel = 2 elements, got 7; pass whole rows]`,
    );
    expect(() =>
      arrayActivations(Float32Array.of(1, 2, 3, Number.POSITIVE_INFINITY), 2),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: arrayActivations: row 1: needed finite numbers, got Infinity; mend or leave out such rows]`,
    );
  });
});
