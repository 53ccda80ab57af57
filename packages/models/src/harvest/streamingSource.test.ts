import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openActivations } from "@sae/core";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { ContextSource } from "./contexts.js";
import { harvest } from "./harvest.js";
import { type StreamingOptions, streamingSource } from "./streamingSource.js";
import {
  contextsOf,
  dModel,
  numberedContexts,
  numberPrefix,
  someTexts,
  textsOf,
  tinyPrefix,
} from "./tinyHarvest.testkit.js";

let folder: string;
let prefix: Awaited<ReturnType<typeof tinyPrefix>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "streaming-"));
  prefix = await tinyPrefix();
});
afterAll(async () => {
  await prefix.close();
  await rm(folder, { recursive: true });
});

const rowsOf = (values: Float32Array): string[] =>
  Array.from({ length: values.length / dModel }, (_, i) => values.subarray(i * dModel, (i + 1) * dModel).join());

let made = 0;

/** The rows in the order of the texts, from a harvest with the same batches. */
async function harvestedRows(contexts: ContextSource, batch: number): Promise<string[]> {
  const out = join(folder, `${made++}`);
  await harvest({ prefix, contexts, folder: out, dtype: "float32", batch });
  const file = await openActivations(out);
  const values = new Float32Array(file.rows * dModel);
  await file.readRange(0, file.rows, values);
  await file.close();
  return rowsOf(values);
}

const source = (options: Partial<StreamingOptions> = {}) =>
  streamingSource({
    prefix,
    contexts: contextsOf(someTexts(50)),
    batch: 2,
    blockContexts: 4,
    heldOutContexts: 6,
    ...options,
  });

async function trainRows(
  options: Partial<StreamingOptions>,
  steps: readonly number[],
  batch: number,
): Promise<string[]> {
  const stream = await source(options);
  const rows: string[] = [];
  const out = new Float32Array(batch * dModel);
  for (const step of steps) {
    await stream.trainBatch(step, out);
    rows.push(...rowsOf(out));
  }
  await stream.close();
  return rows;
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => i);

test("the rows are those of a harvest, each once a pass, shuffled in each block", async () => {
  const all = await harvestedRows(contextsOf(someTexts(50)), 2);
  const stream = await source();
  const heldOutCount = stream.heldOutBatches(1);
  const heldOut = new Float32Array(heldOutCount * dModel);
  await stream.heldOutBatch(0, heldOut);
  await stream.close();
  expect(heldOutCount).toBeGreaterThan(35); // of 6 contexts of 8 tokens
  expect(rowsOf(heldOut).sort()).toEqual(all.slice(0, heldOutCount).sort());
  expect(rowsOf(heldOut)).not.toEqual(all.slice(0, heldOutCount));

  const training = all.slice(heldOutCount);
  const rows = await trainRows({}, upTo(2 * training.length), 1);
  const [first, second] = [rows.slice(0, training.length), rows.slice(training.length)];
  expect([...first].sort()).toEqual([...training].sort());
  expect([...second].sort()).toEqual([...training].sort());
  expect(second).not.toEqual(first);
  expect(first).not.toEqual(training);
});

test("no row leaves its block", async () => {
  const options = { prefix: numberPrefix, contexts: numberedContexts(30), heldOutContexts: 6 };
  const blockOf = (token: number) => Math.floor((token / 8 - 6) / 4);
  const rows = (await trainRows(options, upTo(140), 1)).map((row) => Number(row.split(",")[0]));
  const blocks = rows.map(blockOf); // all 24 contexts of a pass have about 150 rows
  expect(blocks).toEqual([...blocks].sort((a, b) => a - b));
  expect(new Set(blocks).size).toBe(6);
  expect(rows).not.toEqual([...rows].sort((a, b) => a - b));
});

test("a step has the same batch in whatever order steps are asked for, and by whomever", async () => {
  const batch = 7;
  const inOrder = await trainRows({}, upTo(120), batch);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(119), { maxLength: 6 }), async (steps) => {
      const expected = steps.flatMap((step) => inOrder.slice(step * batch, (step + 1) * batch));
      expect(await trainRows({}, steps, batch)).toEqual(expected);
    }),
    { numRuns: 30 },
  );
  const stream = await source();
  const outs = upTo(20).map(() => new Float32Array(batch * dModel));
  await Promise.all(outs.map((out, step) => stream.trainBatch(step, out))); // at once
  expect(outs.flatMap(rowsOf)).toEqual(inOrder.slice(0, 20 * batch));
  await stream.close();
});

test("to get to a step, the model runs on the block of that step only", async () => {
  let ran = 0;
  const counting = {
    ...prefix,
    activations: (tokens: Int32Array, batch: number, seq: number) => {
      ran += batch;
      return prefix.activations(tokens, batch, seq);
    },
  };
  await trainRows({ prefix: counting }, [50], 4);
  expect(ran).toBeLessThanOrEqual(8); // 4 rows may lie in two blocks of 4 contexts
  ran = 0;
  await trainRows({ prefix: counting }, upTo(20), 4); // 80 rows in order: no block is run twice
  expect(ran).toBeLessThanOrEqual(4 * 4);
});

test("another seed, another order", async () => {
  const steps = upTo(20);
  expect(await trainRows({ seed: 1 }, steps, 4)).toEqual(await trainRows({ seed: 1 }, steps, 4));
  expect(await trainRows({ seed: 1 }, steps, 4)).not.toEqual(await trainRows({ seed: 2 }, steps, 4));
});

test("one row, and none", async () => {
  const options = { contexts: contextsOf(textsOf("a")), heldOutContexts: 0 };
  expect(await trainRows(options, [0, 1, 5], 2)).toEqual(
    new Array(6).fill((await harvestedRows(contextsOf(textsOf("a")), 2))[0]),
  );
  await expect(trainRows({ contexts: contextsOf(textsOf("a")) }, [0], 1)).rejects.toMatchObject({
    code: "too_few_rows",
    message: "activations from the model: needed texts beyond the held-out contexts, got none; give more texts",
  });
  const stream = await source(options);
  expect(stream.heldOutBatches(1)).toBe(0);
  await expect(stream.heldOutBatch(0, new Float32Array(dModel))).rejects.toMatchObject({ code: "too_few_rows" });
});

test("errors", async () => {
  for (const wrong of [{ batch: 0 }, { blockContexts: 0 }, { heldOutContexts: -1 }, { skipPositions: 0.5 }]) {
    await expect(source(wrong)).rejects.toMatchObject({ code: "bad_option" });
  }
  const broken = {
    ...prefix,
    activations: async (_: Int32Array, batch: number, seq: number) =>
      new Float32Array(batch * seq * dModel).fill(Number.NaN),
  };
  await expect(trainRows({ prefix: broken }, [0], 1)).rejects.toMatchObject({
    code: "non_finite",
    message: expect.stringContaining("got NaN or infinity in context 6, position 1"),
  });
});
