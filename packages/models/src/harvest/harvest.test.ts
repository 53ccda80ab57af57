import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeFloat16, openActivations, readNpy } from "@sae/core";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import type { Context } from "./contexts.js";
import { fixedContexts } from "./fixedContexts.js";
import { type HarvestOptions, type HarvestProgress, harvest } from "./harvest.js";
import type { Prefix } from "./prefix.js";
import {
  contextsOf,
  dModel,
  filesOf,
  resumableHarvest,
  someTexts,
  textsOf,
  tinyPrefix,
} from "./tinyHarvest.testkit.js";

let folder: string;
let prefix: Awaited<ReturnType<typeof tinyPrefix>>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "harvest-"));
  prefix = await tinyPrefix();
});
afterAll(async () => {
  await prefix.close();
  await rm(folder, { recursive: true });
});

let made = 0;
const newFolder = () => join(folder, `${made++}`);

/** Every row of a stream, one context at a time: [token, context, position] and its activations. */
async function plainRows(contexts: AsyncIterable<Context>) {
  const rows: { place: [number, number, number]; values: Float32Array; norm: number }[] = [];
  for await (const { number, tokens, length } of contexts) {
    const values = await prefix.activations(tokens.slice(0, length), 1, length);
    for (let position = 0; position < length; position++) {
      const row = values.slice(position * dModel, (position + 1) * dModel);
      rows.push({ place: [tokens[position], number, position], values: row, norm: Math.hypot(...row) });
    }
  }
  return rows;
}

async function readAll(path: string) {
  const file = await openActivations(path);
  const values = new Float32Array(file.rows * dModel);
  await file.readRange(0, file.rows, values);
  await file.close();
  return values;
}

const shardNumber = (i: number) => String(i).padStart(5, "0");

async function placesIn(path: string, shards: number): Promise<number[][]> {
  const places: number[][] = [];
  for (let i = 0; i < shards; i++) {
    const { shape, data } = await readNpy(join(path, `tokens-${shardNumber(i)}.npy`));
    for (let row = 0; row < shape[0]; row++) places.push(Array.from(data.subarray(row * 3, row * 3 + 3), Number));
  }
  return places;
}

describe("compared with a plain loop", () => {
  test("any texts, shards and batches", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          documents: fc.nat(12),
          layout: fc.constantFrom("packed" as const, "perDocument" as const),
          batch: fc.integer({ min: 1, max: 4 }),
          shardBytes: fc.integer({ min: 1, max: 1000 }),
          skipBos: fc.boolean(),
          skipPositions: fc.nat(2),
          maxRows: fc.option(fc.integer({ min: 1, max: 40 }), { nil: undefined }),
        }),
        async ({ documents, layout, maxRows, ...options }) => {
          const out = newFolder();
          const contexts = contextsOf(someTexts(documents), { layout });
          const limit = maxRows === undefined ? {} : { maxRows };
          const manifest = await harvest({ prefix, contexts, folder: out, dtype: "float32", ...options, ...limit });
          const expected = (await plainRows(contexts.from()))
            .filter(({ place: [token, , at] }) => at >= options.skipPositions && !(options.skipBos && token === 0))
            .slice(0, maxRows);
          expect(manifest.rows).toBe(expected.length);
          expect(await placesIn(out, manifest.shards.length)).toEqual(expected.map(({ place }) => place));
          const values = await readAll(out);
          for (const [i, { values: row }] of expected.entries()) {
            for (let d = 0; d < dModel; d++) expect(Math.abs(values[i * dModel + d] - row[d])).toBeLessThan(1e-5);
          }
          const { tokens, contexts: read, ...rest } = manifest.counts;
          expect(tokens).toBe(Object.values(rest).reduce((sum, count) => sum + count, 0));
          expect(read).toBe(manifest.shards.reduce((sum, shard) => sum + shard.contexts, 0));
        },
      ),
      { numRuns: 60 },
    );
  });

  test("float16 is the nearest to each number", async () => {
    const [half, single] = [newFolder(), newFolder()];
    await harvest({ prefix, contexts: contextsOf(someTexts(9)), folder: half });
    await harvest({ prefix, contexts: contextsOf(someTexts(9)), folder: single, dtype: "float32" });
    const [rounded, exact] = [await readNpy(join(half, "activations-00000.npy")), await readAll(single)];
    expect(rounded.data).toEqual(encodeFloat16(exact));
    expect(rounded.data.length).toBeGreaterThan(100);
  });

  test("rows of too large a norm are dropped by the median of the first ones", async () => {
    const contexts = contextsOf(someTexts(40));
    const rows = (await plainRows(contexts.from())).filter(({ place }) => place[0] !== 0);
    for (const medianRows of [1, 2, 5, 20, 1000]) {
      const out = newFolder();
      const shardBytes = 8 * 8 * dModel * 4; // 8 contexts, 61 rows or fewer
      const options = { dtype: "float32", batch: 2, shardBytes, maxNorm: 1.2, medianRows } as const;
      const { norms, counts, shards } = await harvest({ prefix, contexts, folder: out, ...options });
      const firstShard = rows.filter(({ place }) => place[1] < 8).slice(0, medianRows);
      const sorted = firstShard.map(({ norm }) => norm).sort((a, b) => a - b);
      const middle = (sorted.length - 1) / 2;
      const median = (sorted[Math.floor(middle)] + sorted[Math.ceil(middle)]) / 2;
      expect(norms?.median).toBeCloseTo(median, 4);
      expect(norms?.limit).toBe(1.2 * (norms?.median ?? 0));
      const kept = rows.filter(({ norm }) => norm <= 1.2 * median);
      expect(await placesIn(out, shards.length)).toEqual(kept.map(({ place }) => place));
      expect(counts).toMatchObject({ rows: kept.length, outliers: rows.length - kept.length });
      expect(counts.outliers).toBeGreaterThan(0);
    }
  });
});

test("the contexts themselves are stored, with their documents", async () => {
  const out = newFolder();
  await harvest({ prefix, contexts: contextsOf(textsOf("abc", "d"), { nCtx: 5 }), folder: out });
  const contexts = await readNpy(join(out, "contexts-00000.npy"));
  expect(contexts).toMatchObject({
    dtype: "int32",
    shape: [2, 5],
    data: Int32Array.of(0, 2, 3, 4, 0, 0, 5, -1, -1, -1),
  });
  const documents = await readNpy(join(out, "documents-00000.npy"));
  expect(documents.data).toEqual(Int32Array.of(0, 0, 0, 0, 1, 1, 1, -1, -1, -1));
});

test("texts without a token give a harvest without rows", async () => {
  const out = newFolder();
  const manifest = await harvest({ prefix, contexts: contextsOf(textsOf("", "")), folder: out });
  expect(manifest).toMatchObject({ rows: 0, shards: [], dModel, dtype: "float16" });
  expect(Object.keys(await filesOf(out))).toEqual(["manifest.json"]);
  expect((await openActivations(out)).rows).toBe(0);
});

test("progress", async () => {
  const seen: HarvestProgress[] = [];
  const options = { prefix, contexts: contextsOf(someTexts(9)), batch: 1, maxRows: 20 };
  await harvest({ ...options, folder: newFolder(), onProgress: (progress) => seen.push(progress) });
  expect(seen.map(({ rows, tokens }) => [rows, tokens])).toEqual([
    [7, 8],
    [14, 16],
    [20, 24],
  ]);
  expect(seen[1].msLeft).toBeGreaterThan(0);
  expect(seen[2].msLeft).toBe(0);
  expect(seen[2].tokensPerSecond).toBeGreaterThan(0);
});

/** Runs the harvest of `resumableHarvest` in a process that kills itself, as the power going off would. */
async function killedHarvest(out: string, afterReports: number, turns: number): Promise<void> {
  // Vite compiles the sources for the child, which has no test runner around it.
  const script = `
    import { createViteServer } from "vitest/node";
    const conditions = ["@sae/source", "module", "node", "development|production"];
    const server = await createViteServer({
      configFile: false, root: process.cwd(), appType: "custom", logLevel: "error", optimizeDeps: { noDiscovery: true },
      server: { middlewareMode: true, hmr: false, ws: false, watch: null }, resolve: { conditions }, ssr: { resolve: { conditions } },
    });
    const { resumableHarvest } = await server.ssrLoadModule("/src/harvest/tinyHarvest.testkit.ts");
    let reports = 0;
    const later = (turns) => turns === 0 ? process.kill(process.pid, "SIGKILL") : setImmediate(() => later(turns - 1));
    await resumableHarvest(${JSON.stringify(out)}, { onProgress: () => { if (++reports === ${afterReports}) later(${turns}); } });
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    cwd: join(import.meta.dirname, "../.."),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const signal = await new Promise((resolve) => child.once("exit", (_code, by) => resolve(by)));
  expect(signal).toBe("SIGKILL");
}

describe("a harvest that is interrupted gives the same bytes", () => {
  let whole: Record<string, string>;
  beforeAll(async () => {
    const out = newFolder();
    const { shards } = await resumableHarvest(out);
    expect(shards.length).toBeGreaterThan(10);
    whole = await filesOf(out);
  });

  it("killed between batches, and again and again while it writes", async () => {
    const out = newFolder();
    // 4 reports a shard: after the fourth comes the writing, a few turns of the event loop long
    for (const [afterReports, turns] of [
      [6, 0],
      [4, 2],
      [8, 5],
      [8, 9],
    ]) {
      await killedHarvest(out, afterReports, turns);
      const files = Object.keys(await filesOf(out));
      expect(files).toContain("state.json");
      expect(files).not.toContain("manifest.json");
      await expect(openActivations(out)).rejects.toMatchObject({ code: "no_manifest" });
    }
    await resumableHarvest(out);
    expect(await filesOf(out)).toEqual(whole);
  });

  it("stopped in every shard", async () => {
    const out = newFolder();
    for (let reports = 1; ; reports++) {
      let left = 5; // a whole shard and one batch of the next
      const stop = () => {
        if (--left === 0) throw new Error("stopped");
      };
      const end = await resumableHarvest(out, { onProgress: stop }).catch((error: Error) => error.message);
      if (end !== "stopped") break;
      expect(reports).toBeLessThan(100);
    }
    expect(await filesOf(out)).toEqual(whole);
  });

  it("complete already: nothing is run again, and nothing changes", async () => {
    const out = newFolder();
    const manifest = await resumableHarvest(out);
    const again = await resumableHarvest(out, {
      onProgress: () => {
        throw new Error("ran again");
      },
    });
    expect(again).toEqual(JSON.parse(JSON.stringify(manifest)));
    expect(await filesOf(out)).toEqual(whole);
  });
});

describe("errors", () => {
  /** The rows of the third context are spoiled. */
  const spoiled = (value: number): Prefix => ({
    ...prefix,
    activations: async (tokens, batch, seq) => {
      const values = await prefix.activations(tokens, batch, seq);
      if (tokens[1] === 10) values[5] = value;
      return values;
    },
  });
  const contexts = fixedContexts(Int32Array.of(0, 5, 6, 0, 7, 8, 0, 10, 9), 3, [0]);
  const options = { contexts, batch: 1, shardBytes: 1 };

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("%d among the activations", async (value) => {
    const out = newFolder();
    await expect(harvest({ ...options, prefix: spoiled(value), folder: out })).rejects.toMatchObject({
      code: "non_finite",
      message: expect.stringContaining("got NaN or infinity in context 2, position 1 (token 10);"),
    });
    expect(Object.keys(await filesOf(out)).filter((name) => name.startsWith("activations"))).toHaveLength(2);
    await harvest({ ...options, prefix, folder: out }); // goes on from the shards that are there
    const undisturbed = newFolder();
    await harvest({ ...options, prefix, folder: undisturbed });
    expect(await filesOf(out)).toEqual(await filesOf(undisturbed));
  });

  test("what is left out may be anything", async () => {
    const skipping = { ...options, prefix: spoiled(Number.NaN), folder: newFolder(), skipTokens: [10] };
    expect(await harvest(skipping)).toMatchObject({ rows: 5, counts: { special: 4 } });
  });

  test("numbers that float16 does not have", async () => {
    await expect(harvest({ ...options, prefix: spoiled(70_000), folder: newFolder() })).rejects.toMatchObject({
      code: "float16_overflow",
      message: expect.stringContaining(
        "needed activations up to 65504 for float16, got 70000 in context 2, position 1",
      ),
    });
    await harvest({ ...options, prefix: spoiled(70_000), folder: newFolder(), dtype: "float32" });
    expect(await harvest({ ...options, prefix: spoiled(70_000), folder: newFolder(), maxNorm: 100 })).toMatchObject({
      rows: 5,
      counts: { outliers: 1 },
    });
    expect(await harvest({ ...options, prefix: spoiled(65_519), folder: newFolder() })).toMatchObject({ rows: 6 });
  });

  test("a folder with another harvest, complete or not", async () => {
    const out = newFolder();
    await harvest({ ...options, prefix, folder: out });
    const change: Partial<HarvestOptions> = { skipPositions: 1, dtype: "float32" };
    await expect(harvest({ ...options, prefix, folder: out, ...change })).rejects.toMatchObject({
      code: "other_harvest",
      message: expect.stringContaining("it holds a harvest with another dtype, skipPositions; choose another folder"),
    });
    const started = newFolder();
    await expect(harvest({ ...options, prefix: spoiled(Number.NaN), folder: started })).rejects.toThrow();
    await expect(harvest({ ...options, prefix, folder: started, batch: 2 })).rejects.toMatchObject({
      code: "other_harvest",
    });
  });

  test.each<Partial<HarvestOptions>>([
    { batch: 0 },
    { batch: 1.5 },
    { maxRows: 0 },
    { maxNorm: 0 },
    { maxNorm: Number.POSITIVE_INFINITY },
    { medianRows: 0 },
    { shardBytes: 0 },
    { skipPositions: -1 },
  ])("option %j", async (wrong) => {
    await expect(harvest({ ...options, prefix, folder: newFolder(), ...wrong })).rejects.toMatchObject({
      code: "bad_option",
    });
  });
});
