import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Executor, runJobs } from "./executor.js";
import { defineJob, type Job, job } from "./job.js";
import { openRunStore, type RunStore, writeResult } from "./runStore.js";

const add = defineJob({
  kind: "add",
  version: 1,
  config: z.object({ value: z.number() }),
  run: async ({ value }) => ({ sum: value }),
});
const adding = (value: number, needs: Readonly<Record<string, Job>> = {}) =>
  job(add, { value }, { title: `add ${value}`, needs });

/** Runs jobs in this process and writes down in which order they began and ended. */
function recording(slots: number, failing: readonly Job[] = []) {
  const order: string[] = [];
  const executor: Executor = {
    slots,
    run: async (item, store) => {
      order.push(`> ${item.title}`);
      const folder = await store.prepare(item);
      if (failing.includes(item)) throw new Error(`${item.title} is broken`);
      await writeResult(folder, { sum: (item.config as { value: number }).value });
      order.push(`< ${item.title}`);
    },
  };
  return { executor, order };
}

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sae-bench-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let stores = 0;
const freshStore = (): RunStore => openRunStore(join(root, `${stores++}`));

test("a job runs when all it needs is done, and what is needed twice runs once", async () => {
  const base = adding(1);
  const left = adding(2, { base });
  const right = adding(3, { base });
  const top = adding(4, { left, right });
  const { executor, order } = recording(2);
  const { done, failed, blocked } = await runJobs([top, base], freshStore(), executor);
  expect([done.length, failed.length, blocked.length]).toEqual([4, 0, 0]);
  expect(order.slice(0, 2)).toEqual(["> add 1", "< add 1"]);
  expect(order.slice(-2)).toEqual(["> add 4", "< add 4"]);
  expect(order).toHaveLength(8);
});

test("jobs without needs run side by side, as many as there are slots", async () => {
  const jobs = [1, 2, 3].map((value) => adding(value));
  const { executor, order } = recording(2);
  await runJobs(jobs, freshStore(), executor);
  expect(order.slice(0, 2)).toEqual(["> add 1", "> add 2"]);
});

test("a failure leaves the others alone and blocks what needs it", async () => {
  const broken = adding(1);
  const needy = adding(2, { broken });
  const other = adding(3);
  const store = freshStore();
  const { executor } = recording(1, [broken]);
  const outcome = await runJobs([needy, other], store, executor);
  expect(outcome.done).toEqual([other]);
  expect(outcome.failed.map(({ job: item, error }) => [item, (error as Error).message])).toEqual([
    [broken, "add 1 is broken"],
  ]);
  expect(outcome.blocked).toEqual([needy]);
  // The same jobs again, now that it works: only what is missing runs.
  const again = recording(1);
  const events: string[] = [];
  await runJobs([needy, other], store, again.executor, {
    skipped: (items) => void events.push(`skipped ${items.map(({ title }) => title)}`),
    started: ({ title }) => void events.push(`started ${title}`),
    finished: ({ title }) => void events.push(`finished ${title}`),
  });
  expect(again.order).toEqual(["> add 1", "< add 1", "> add 2", "< add 2"]);
  expect(events).toEqual(["skipped add 3", "started add 1", "finished add 1", "started add 2", "finished add 2"]);
});

test("a stopped study starts nothing more and counts nothing as failed", async () => {
  const stop = new AbortController();
  const executor: Executor = {
    slots: 1,
    run: async () => {
      stop.abort();
      throw new Error("killed");
    },
  };
  const jobs = [adding(1), adding(2)];
  const outcome = await runJobs(jobs, freshStore(), executor, {}, stop.signal);
  expect(outcome).toEqual({ done: [], failed: [], blocked: jobs });
});

test("no jobs are no work", async () => {
  expect(await runJobs([], freshStore(), recording(1).executor)).toEqual({ done: [], failed: [], blocked: [] });
});

test("a result that is no JSON is an error before anything starts", async () => {
  const store = freshStore();
  const item = adding(1);
  await store.prepare(item);
  await writeFile(join(store.folder(item), "result.json"), '{"sum": ');
  const { executor, order } = recording(1);
  await expect(runJobs([item], store, executor)).rejects.toThrow(/result.json: not JSON; delete its folder/);
  expect(order).toEqual([]);
  expect(await readdir(store.folder(item))).toEqual(["job.json", "result.json"]);
});
