import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixedContexts } from "./fixedContexts.js";
import { harvest } from "./harvest.js";
import { type HarvestSourceOptions, harvestSource } from "./harvestSource.js";
import { type Harvest, openHarvest } from "./openHarvest.js";
import {
  contextsOf,
  dModel,
  numberedContexts,
  numberPrefix,
  resumableHarvest,
  someTexts,
} from "./tinyHarvest.testkit.js";

let folder: string;
let stored: Harvest; // letters, in many shards
let numbered: Harvest; // rows that tell their token
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "source-"));
  await resumableHarvest(join(folder, "letters"));
  stored = await openHarvest(join(folder, "letters"), { maxBytesInMemory: 0 });
  const options = { prefix: numberPrefix, contexts: numberedContexts(50), dtype: "float32", shardBytes: 1000 } as const;
  await harvest({ ...options, folder: join(folder, "numbers") });
  numbered = await openHarvest(join(folder, "numbers"), { maxBytesInMemory: 0 });
});
afterAll(async () => {
  await stored.close();
  await numbered.close();
  await rm(folder, { recursive: true });
});

const contextOf = (token: number) => Math.floor(token / 8);
const allTokens = Array.from({ length: 50 * 8 }, (_, i) => i).filter((i) => i % 8 !== 0 && i % 11 !== 0);

describe("an open harvest", () => {
  test("tells for each row its token and the text around it", async () => {
    const wanted = [stored.manifest.rows - 1, 0, 100, 0];
    const { tokens, contexts, positions } = await stored.places(wanted);
    for (const i of wanted.keys()) {
      const around = await stored.context(contexts[i]);
      expect(around.tokens[positions[i]]).toBe(tokens[i]);
    }
    let number = 0;
    for await (const { tokens, length, documents } of contextsOf(someTexts(100)).from()) {
      expect(await stored.context(number)).toEqual({
        number,
        tokens: tokens.slice(0, length),
        documents: documents.slice(0, length),
      });
      number++;
    }
    expect(number).toBe(stored.manifest.counts.contexts);
  });

  test("tells for each context its rows", async () => {
    const first = await stored.contextRows();
    expect(first).toHaveLength(stored.manifest.counts.contexts + 1);
    expect(first.at(-1)).toBe(stored.manifest.rows);
    const { contexts } = await stored.places(Array.from({ length: stored.manifest.rows }, (_, i) => i));
    for (const [row, context] of contexts.entries()) {
      expect(row >= first[context] && row < first[context + 1]).toBe(true);
    }
  });

  test("counts contexts from its own first one, when others before it were kept for something else", async () => {
    const all = numberedContexts(50);
    const contexts = { ...all, from: () => all.from({ context: 10, document: 0, token: 0 }) };
    const options = { prefix: numberPrefix, contexts, dtype: "float32", shardBytes: 1000 } as const;
    await harvest({ ...options, folder: join(folder, "later") });
    const later = await openHarvest(join(folder, "later"));
    const first = await later.contextRows();
    expect([first[0], first.length, first.at(-1)]).toEqual([0, 41, later.manifest.rows]);
    const { tokens, contexts: numbers, positions } = await later.places([0, first[40] - 1]);
    expect([...numbers]).toEqual([0, 39]);
    expect([...tokens].map(contextOf)).toEqual([10, 49]);
    for (const i of numbers.keys()) expect((await later.context(numbers[i])).tokens[positions[i]]).toBe(tokens[i]);
    await later.close();
  });

  test("what is not there", async () => {
    await expect(stored.places([stored.manifest.rows])).rejects.toMatchObject({ code: "out_of_range" });
    await expect(stored.context(-1)).rejects.toMatchObject({ code: "out_of_range" });
    await expect(openHarvest(folder)).rejects.toMatchObject({ code: "no_manifest" });
    await writeFile(join(folder, "manifest.json"), "{}");
    await expect(openHarvest(folder)).rejects.toMatchObject({ code: "bad_manifest" });
  });
});

/** Tokens of the rows of batches. */
async function batchesOf(options: HarvestSourceOptions, batch: number, steps: number) {
  const source = await harvestSource(numbered, options);
  const out = new Float32Array(batch * dModel);
  const tokens = () => Array.from({ length: batch }, (_, i) => out[i * dModel]);
  const train: number[] = [];
  for (let step = 0; step < steps; step++) {
    await source.trainBatch(step, out);
    train.push(...tokens());
  }
  const heldOut: number[] = [];
  for (let i = 0; i < source.heldOutBatches(batch); i++) {
    await source.heldOutBatch(i, out);
    heldOut.push(...tokens());
  }
  return { source, train, heldOut };
}

const sorted = (tokens: readonly number[]) => [...tokens].sort((a, b) => a - b);

describe("batches of a harvest", () => {
  test("each pass has every row once, in another order; held-out contexts are held out as a whole", async () => {
    const { heldOut } = await batchesOf({ heldOut: 0.25 }, 1, 0);
    const trainRows = numbered.manifest.rows - heldOut.length;
    const { train } = await batchesOf({ heldOut: 0.25 }, 1, 2 * trainRows);
    const [first, second] = [train.slice(0, trainRows), train.slice(trainRows)];
    expect(sorted([...first, ...heldOut])).toEqual(allTokens);
    expect(sorted(second)).toEqual(sorted(first));
    expect(second).not.toEqual(first);
    const seen = new Set(first.map(contextOf));
    const kept = new Set(heldOut.map(contextOf));
    expect([...kept].filter((context) => seen.has(context))).toEqual([]);
    expect(kept.size).toBe(12);
  });

  test("the same seed gives the same batches at any step, another one does not", async () => {
    const { source, train, heldOut } = await batchesOf({ seed: 1 }, 3, 300);
    const out = new Float32Array(3 * dModel);
    for (const step of [299, 0, 77]) {
      await source.trainBatch(step, out);
      expect([0, 1, 2].map((i) => out[i * dModel])).toEqual(train.slice(step * 3, step * 3 + 3));
    }
    const again = await batchesOf({ seed: 1 }, 3, 300);
    expect([again.train, again.heldOut, again.source.identity]).toEqual([train, heldOut, source.identity]);
    expect((await batchesOf({ seed: 2 }, 3, 300)).train).not.toEqual(train);
  });

  test("nothing held out", async () => {
    const { train, heldOut } = await batchesOf({ heldOut: 0 }, 1, numbered.manifest.rows);
    expect(heldOut).toEqual([]);
    expect(sorted(train)).toEqual(allTokens);
  });

  test("fewer rows held out than a batch has", async () => {
    const source = await harvestSource(numbered, { heldOut: 0.05 }); // 2 contexts of 50
    expect(source.heldOutBatches(100)).toBe(0);
    const tooMany = source.heldOutBatch(0, new Float32Array(100 * dModel));
    await expect(tooMany.catch(({ message }) => message.replace(folder, ""))).resolves.toMatchInlineSnapshot(
      `"/numbers: needed 100 rows for 1 held-out batches of 100, got 13 (2 of 50 contexts are held out); use smaller batches or hold out more"`,
    );
    await expect(tooMany).rejects.toMatchObject({ code: "too_few_rows" });
  });

  test("one row, and none", async () => {
    for (const contexts of [1, 0]) {
      const out = join(folder, `few${contexts}`);
      const one = fixedContexts(Int32Array.of(0, 7).subarray(0, 2 * contexts), 2, [0]);
      await harvest({ prefix: numberPrefix, contexts: one, folder: out });
      const few = await openHarvest(out);
      const source = await harvestSource(few);
      const row = new Float32Array(dModel);
      if (contexts === 1) {
        await source.trainBatch(3, row);
        expect(row).toEqual(Float32Array.of(7, 1, 1, 1));
      } else {
        await expect(source.trainBatch(0, row)).rejects.toMatchObject({ code: "too_few_rows" });
      }
      await few.close();
    }
  });

  test("wrong shares", async () => {
    for (const heldOut of [-0.1, 1, Number.NaN]) {
      await expect(harvestSource(stored, { heldOut })).rejects.toMatchObject({ code: "bad_option" });
    }
  });
});
