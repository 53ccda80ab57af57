import { join } from "node:path";
import { writeFileAtomic } from "@sae/core";
import { saveSae } from "./sae.js";
import type { Run } from "./startRun.js";
import type { TrainResult } from "./trainOptions.js";

/** Writes what a run ends with: the SAE as `saveSae` does, and run.json, which says all that it came from. */
export async function saveRun(
  folder: string,
  { identity, fingerprint, spec }: Run,
  result: TrainResult,
): Promise<void> {
  await saveSae(folder, result.sae, {
    variant: spec.variant.name,
    baseline: spec.constraint.name,
    l0: spec.config.l0,
    seed: spec.recipe.seed,
  });
  const { scale, calibration, scalars, log } = result;
  const summary = { ...identity, fingerprint, scale, calibration, scalars, last: log[log.length - 1] ?? null };
  await writeFileAtomic(join(folder, "run.json"), `${JSON.stringify(summary, null, 2)}\n`);
}
