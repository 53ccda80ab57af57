import { access, readdir } from "node:fs/promises";
import { join } from "node:path";
import { SaeError, writeFileAtomic } from "@sae/core";
import { differences } from "./differences.js";
import { checkFilesLeft } from "./filesLeft.js";
import { type Job, jobId, neededJobs } from "./job.js";
import { makeFolder } from "./makeFolder.js";
import { readJson } from "./readJson.js";

/**
 * Results in folders, by default named by the job's hash:
 *
 *   <root>/<kind>-<hash>/job.json     what was asked for
 *   <root>/<kind>-<hash>/result.json  what came out; written last, so a folder that has it is complete
 */
export interface RunStore {
  folder(job: Job): string;
  /**
   * The result, or null when the job is not done.
   * @throws SaeError `other_run` when the folder is another job's or holds files of nobody knows whom, `corrupt_result`
   */
  read<Result>(job: Job): Promise<Result | null>;
  /**
   * Makes the folder and writes job.json, once what the job will read of its own and of those that it needs was looked at.
   * @throws SaeError `other_run`, `corrupt_result` when a file that a job left is missing or damaged, `write_failed`
   */
  prepare(job: Job): Promise<string>;
}

const resultFile = "result.json";

const damaged = { code: "corrupt_result", remedy: "delete its folder to compute it again" };

/** @param folderOf a name of the caller's for a job's folder, below or outside the root */
export function openRunStore(root: string, folderOf: (job: Job) => string = (job) => join(root, jobId(job))): RunStore {
  return {
    folder: folderOf,
    read: async <Result>(job: Job) => {
      await checkOwner(folderOf(job), job);
      return readResult<Result>(folderOf(job));
    },
    prepare: async (job) => {
      const folder = folderOf(job);
      await checkOwner(folder, job);
      for (const need of neededJobs(job)) await checkFilesLeft(need.kind, folderOf(need));
      if (await isTrained(folder)) await checkFilesLeft(job.kind, folder);
      await makeFolder(folder);
      await writeFileAtomic(join(folder, "job.json"), json(recordOf(job)));
      return folder;
    },
  };
}

/** Leaves the result of the job whose folder it is. */
export const writeResult = (folder: string, result: unknown): Promise<void> =>
  writeFileAtomic(join(folder, resultFile), json(result));

/** The result in a job's folder, or null when it is not there yet. */
export async function readResult<Result>(folder: string): Promise<Result | null> {
  return (await readJson(join(folder, resultFile), damaged)) as Result | null;
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const recordOf = ({ kind, version, title, config, needs }: Job) => ({
  kind,
  version,
  title,
  config,
  needs: neededJobs({ needs }).map(jobId),
});

/** Whether the training is over whose evaluation is not. */
const isTrained = (folder: string): Promise<boolean> =>
  access(join(folder, "trained.json")).then(
    () => true,
    () => false,
  );

/** What jobs write over, and what SAEs of other programs are kept in. */
const ofRuns = ["cfg.json", "sae_weights.safetensors", "run.json", "log.jsonl", resultFile];

/** A folder without job.json was not made here: what stands in it may be the only copy. */
async function checkUnowned(folder: string): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const found = ofRuns.filter((name) => names.includes(name));
  if (found.length === 0) return;
  throw new SaeError(
    "other_run",
    `${folder}: needed a folder that is free or of this run, got ${found.join(", ")} without the job.json of a run; choose another --out, or move ${found.length === 1 ? "it" : "them"} elsewhere`,
  );
}

/** A folder that the caller named may hold another job: neither is then touched. */
async function checkOwner(folder: string, job: Job): Promise<void> {
  const found = (await readJson(join(folder, "job.json"), damaged)) as ReturnType<typeof recordOf> | null;
  if (found === null) return checkUnowned(folder);
  const { title: _, ...wanted } = recordOf(job);
  const { title: __, ...there } = found;
  const changed = differences(there, JSON.parse(JSON.stringify(wanted)));
  if (changed.length === 0) return;
  const list = changed.map(({ path, before, after }) => `${path} ${before} there, ${after} now`);
  throw new SaeError(
    "other_run",
    `${folder}: holds a run with other options (${list.join("; ")}); give the same options to continue it, or another --out`,
  );
}
