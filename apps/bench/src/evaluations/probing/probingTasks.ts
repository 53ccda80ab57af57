/*
 * What the jobs of sparse probing leave for each other and for themselves.
 *
 *   <texts job>/activations/     the harvest: context number i is text number i
 *   <texts job>/tasks.json       the tasks, whose texts are those numbers
 *   <probing job>/tasks/n.json   what task number n scored, written when it is done
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { SaeError, writeFileAtomic } from "@sae/core";
import { openHarvest } from "@sae/models";
import {
  type LabelledRows,
  type ProbeChoice,
  type ProbingTask,
  poolTexts,
  probeTask,
  type TaskResult,
  type TokenEncoder,
} from "@sae/probing";
import { activationsOf } from "../../jobs/harvestFolder.js";
import type { JobContext } from "../../jobs/job.js";
import { readJson } from "../../jobs/readJson.js";

const damaged = { code: "corrupt_result", remedy: "delete its folder to compute it again" };

/** Leaves the tasks in the folder of the job that made them. */
export async function writeTasks(folder: string, tasks: readonly ProbingTask[]): Promise<void> {
  const plain = ({ rows, labels }: LabelledRows) => ({ rows: [...rows], labels: [...labels] });
  const content = tasks.map((task) => ({ ...task, train: plain(task.train), test: plain(task.test) }));
  await writeFileAtomic(join(folder, "tasks.json"), JSON.stringify(content));
}

/** Reads them back. */
async function readTasks(folder: string): Promise<ProbingTask[]> {
  const stored = (await readJson(join(folder, "tasks.json"), damaged)) as ProbingTask[] | null;
  if (stored === null)
    throw new SaeError("corrupt_result", `${folder}: needed tasks.json, found none; ${damaged.remedy}`);
  const typed = ({ rows, labels }: LabelledRows): LabelledRows => ({
    rows: Int32Array.from(rows),
    labels: Uint8Array.from(labels),
  });
  return stored.map((task) => ({ ...task, train: typed(task.train), test: typed(task.test) }));
}

/**
 * Trains the probes of every task on what an encoder makes of the texts: a data set at a time, whose pooled texts are in memory together. Tasks whose
 * result is in the job's folder are not done again.
 *
 * @param texts - folder of the job that ran the model
 */
export async function probeTasks(
  texts: string,
  { folder, report }: Pick<JobContext, "folder" | "report">,
  encoder: (dModel: number) => TokenEncoder,
  choice: ProbeChoice,
): Promise<TaskResult[]> {
  const tasks = await readTasks(texts);
  const kept = join(folder, "tasks");
  await mkdir(kept, { recursive: true });
  const results: (TaskResult | null)[] = [];
  for (const i of tasks.keys()) results.push((await readJson(join(kept, `${i}.json`), damaged)) as TaskResult | null);
  const harvest = await openHarvest(activationsOf(texts));
  try {
    const starts = await harvest.contextRows();
    const { activations } = harvest;
    const used = encoder(activations.dModel);
    for (const dataset of new Set(tasks.map((task) => task.dataset))) {
      const left = [...tasks.keys()].filter((i) => tasks[i].dataset === dataset && results[i] === null);
      if (left.length === 0) continue;
      report({ done: doneOf(results), text: `encoding the texts of ${dataset}` });
      const numbers = textsOf(left.map((i) => tasks[i]));
      const rows = Array.from(numbers, (number) => ({ start: starts[number], end: starts[number + 1] }));
      const pooled = await poolTexts(activations, rows, used);
      const place = new Map(Array.from(numbers, (number, i) => [number, i]));
      const placed = ({ rows: own, labels }: LabelledRows): LabelledRows => ({
        rows: own.map((number) => place.get(number) as number),
        labels,
      });
      for (const i of left) {
        report({ done: doneOf(results), text: tasks[i].id });
        const task = { ...tasks[i], train: placed(tasks[i].train), test: placed(tasks[i].test) };
        const result = probeTask(pooled, task, choice);
        await writeFileAtomic(join(kept, `${i}.json`), `${JSON.stringify(result, null, 2)}\n`);
        results[i] = result;
      }
    }
  } finally {
    await harvest.close();
  }
  return results.flatMap((result) => result ?? []);
}

const doneOf = (results: readonly unknown[]): number =>
  results.filter((result) => result !== null).length / Math.max(1, results.length);

/** Numbers of the texts of tasks, ascending: in the order of the file. */
const textsOf = (tasks: readonly ProbingTask[]): Int32Array =>
  Int32Array.from(new Set(tasks.flatMap(({ train, test }) => [...train.rows, ...test.rows]))).sort();
