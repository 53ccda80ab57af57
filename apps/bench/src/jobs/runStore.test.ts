import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { differences } from "./differences.js";
import { allJobs, defineJob, job, jobId } from "./job.js";
import { openRunStore, writeResult } from "./runStore.js";

const kind = defineJob({
  kind: "square",
  version: 1,
  config: z.object({ recipe: z.object({ lr: z.number().default(0.1), steps: z.number() }) }),
  run: async () => null,
});
const of = (recipe: { lr?: number; steps: number }, title = "square") => job(kind, { recipe }, { title });

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sae-bench-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

test("a job's name depends on its config and needs, not on the order of keys, defaults or titles", () => {
  const base = of({ steps: 3 });
  expect(jobId(base)).toMatch(/^square-[0-9a-f]{16}$/);
  expect(jobId(of({ steps: 3, lr: 0.1 }, "another title"))).toBe(jobId(base));
  expect(jobId(of({ steps: 4 }))).not.toBe(jobId(base));
  expect(jobId(job({ ...kind, version: 2 }, { recipe: { steps: 3 } }, { title: "" }))).not.toBe(jobId(base));
  expect(jobId(job(kind, { recipe: { steps: 3 } }, { title: "", needs: { base } }))).not.toBe(jobId(base));
});

test("jobs come after what they need, each once", () => {
  const first = of({ steps: 1 });
  const second = job(kind, { recipe: { steps: 2 } }, { title: "second", needs: { first } });
  const titles = allJobs([second, of({ steps: 1 })]).map(
    ({ config }) => (config as { recipe: { steps: number } }).recipe.steps,
  );
  expect(titles).toEqual([1, 2]);
});

test("a job is done when its result is there", async () => {
  const store = openRunStore(join(root, "store"));
  const item = of({ steps: 3 });
  expect(await store.read(item)).toBe(null);
  const folder = await store.prepare(item);
  expect(await store.read(item)).toBe(null);
  expect(JSON.parse(await readFile(join(folder, "job.json"), "utf8"))).toEqual({
    kind: "square",
    version: 1,
    title: "square",
    config: { recipe: { lr: 0.1, steps: 3 } },
    needs: [],
  });
  await writeResult(folder, { value: 9 });
  expect(await store.read(item)).toEqual({ value: 9 });
});

test("a folder with a name of its own takes one job only", async () => {
  const store = openRunStore(root, () => join(root, "named"));
  await store.prepare(of({ steps: 3 }));
  await store.prepare(of({ steps: 3 }, "the same by another title"));
  const message =
    "named: holds a run with other options (recipe.lr 0.1 there, 0.2 now; recipe.steps 3 there, 5 now); give the same options to continue it, or another --out";
  await expect(store.prepare(of({ steps: 5, lr: 0.2 }))).rejects.toThrow(message);
  await expect(store.read(of({ steps: 5, lr: 0.2 }))).rejects.toThrow(message);
});

test("differences name the innermost place", () => {
  expect(differences({ a: { b: 1 }, c: [1] }, { a: { b: 1 }, c: [1] })).toEqual([]);
  expect(differences({ a: { b: 1 }, c: [1], d: 1 }, { a: { b: "1" }, c: [1, 2] })).toEqual([
    { path: "a.b", before: "1", after: '"1"' },
    { path: "c", before: "[1]", after: "[1,2]" },
    { path: "d", before: "1", after: "nothing" },
  ]);
});
