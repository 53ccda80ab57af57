import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { SaeError, writeFileAtomic } from "@sae/core";
import { type Job, jobId } from "./job.js";

/**
 * Results in folders named by the job's hash:
 *
 *   <root>/<kind>-<hash>/job.json     what was asked for
 *   <root>/<kind>-<hash>/result.json  what came out; written last, so a folder that has it is complete
 */
export interface RunStore {
  readonly root: string;
  folder(job: Job): string;
  /** The result, or null when the job is not done. */
  read<Result>(job: Job): Promise<Result | null>;
  /** Makes the folder and writes job.json. */
  prepare(job: Job): Promise<string>;
  write(job: Job, result: unknown): Promise<void>;
}

export function openRunStore(root: string): RunStore {
  const folder = (job: Job) => join(root, jobId(job));
  const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
  return {
    root,
    folder,
    read: async <Result>(job: Job) => {
      const path = join(folder(job), "result.json");
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return null;
        throw error;
      });
      if (text === null) return null;
      try {
        return JSON.parse(text) as Result;
      } catch (cause) {
        throw new SaeError("corrupt_result", `${path}: not JSON; delete its folder to compute it again`, { cause });
      }
    },
    prepare: async (job) => {
      await mkdir(folder(job), { recursive: true });
      const { kind, version, config, needs, title } = job;
      await writeFileAtomic(
        join(folder(job), "job.json"),
        json({ kind, version, title, config, needs: needs.map(jobId) }),
      );
      return folder(job);
    },
    write: (job, result) => writeFileAtomic(join(folder(job), "result.json"), json(result)),
  };
}
