import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeSafetensors } from "@sae/core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
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

test("a folder with an SAE or a run that was not made here is left as it is", async () => {
  const folder = join(root, "downloaded");
  const store = openRunStore(root, () => folder);
  await mkdir(folder);
  await writeFile(join(folder, "notes.txt"), "in nobody's way");
  expect(await store.read(of({ steps: 3 }))).toBe(null);
  for (const name of ["cfg.json", "sae_weights.safetensors"]) await writeFile(join(folder, name), "");
  const message =
    "downloaded: needed a folder that is free or of this run, got cfg.json, sae_weights.safetensors without the job.json of a run; choose another --out, or move them elsewhere";
  await expect(store.read(of({ steps: 3 }))).rejects.toThrow(message);
  await expect(store.prepare(of({ steps: 3 }))).rejects.toMatchObject({ code: "other_run" });
  expect(await readdir(folder)).toEqual(["cfg.json", "notes.txt", "sae_weights.safetensors"]);
});

describe("an SAE that is missing or damaged", () => {
  const training = job({ ...kind, kind: "train" }, { recipe: { steps: 3 } }, { title: "training" });
  const measuring = job(kind, { recipe: { steps: 3 } }, { title: "measuring", needs: { training } });
  let store: ReturnType<typeof openRunStore>;
  let folder: string;
  beforeAll(async () => {
    store = openRunStore(await mkdtemp(join(root, "damaged-")));
    folder = await store.prepare(training);
    await writeFile(join(folder, "cfg.json"), "{}");
    await writeFile(join(folder, "trained.json"), "{}");
    await writeSafetensors(join(folder, "sae_weights.safetensors"), {
      b_enc: { dtype: "float32", shape: [4], data: new Float32Array(4) },
    });
  });
  const refusal = (path: string, got: string) => ({
    code: "corrupt_result",
    message: `${join(folder, path)}: needed what a finished job left, got ${got}; delete ${folder} to compute it again`,
  });

  test("is none when it is whole", async () => {
    await store.prepare(training);
    await store.prepare(measuring);
  });

  test("is refused to the training that is over and to who needs it, with the folder to delete", async () => {
    const weights = join(folder, "sae_weights.safetensors");
    await truncate(weights, 70);
    const damaged = refusal("sae_weights.safetensors", "a damaged file");
    await expect(store.prepare(training)).rejects.toMatchObject(damaged);
    await expect(store.prepare(measuring)).rejects.toMatchObject(damaged);
    await rm(weights);
    const missing = refusal("sae_weights.safetensors", "nothing there");
    await expect(store.prepare(training)).rejects.toMatchObject(missing);
    await expect(store.prepare(measuring)).rejects.toMatchObject(missing);
  });

  test("is made again once the folder is deleted", async () => {
    await rm(folder, { recursive: true });
    await store.prepare(training);
  });
});

test.skipIf(!existsSync("/proc/self"))("where no folder can be made is an error, not a loop", async () => {
  const store = openRunStore("/proc/nowhere/jobs");
  await expect(store.prepare(of({ steps: 3 }))).rejects.toMatchObject({
    code: "write_failed",
    message: expect.stringContaining("nothing can be made in /proc; choose another --out"),
  });
});

test("differences name the innermost place", () => {
  expect(differences({ a: { b: 1 }, c: [1] }, { a: { b: 1 }, c: [1] })).toEqual([]);
  expect(differences({ a: { b: 1 }, c: [1], d: 1 }, { a: { b: "1" }, c: [1, 2] })).toEqual([
    { path: "a.b", before: "1", after: '"1"' },
    { path: "c", before: "[1]", after: "[1,2]" },
    { path: "d", before: "1", after: "nothing" },
  ]);
});
