import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { TrainOptions, TrainResult } from "./trainOptions.js";
import { variants } from "./variants/index.js";

const dModel = 8;

/** A run of 230 steps that writes a checkpoint after every 50, with everything that is carried from step to step in use. */
export async function resumableRun(
  name: string,
  out: string,
  options: Partial<TrainOptions> = {},
): Promise<TrainResult> {
  const variant = variants.find((candidate) => candidate.name === name);
  if (!variant) throw new Error(`no variant ${name}`);
  return train({
    variant,
    config: { l0: 3 },
    recipe: { dSae: 160, steps: 230, batch: 32, lr: 5e-3, warmup: 20, l0Warmup: 60, deadTokens: 320 },
    source: await fileSource(arrayActivations(toyActivations({ rows: 1000, dModel }), dModel), { seed: 3 }),
    out,
    logEvery: 7,
    checkpointMs: 0,
    calibrationRows: 32,
    ...options,
  });
}

/** Like a machine that stops: the run that calls this ends at the first report at or after `step`. */
export const stopAt =
  (step: number, stop: () => void): TrainOptions["onProgress"] =>
  (progress) => {
    if (progress.step >= step) stop();
  };

/** Every file of a folder as text of its bytes. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString("latin1")])),
  );
}
