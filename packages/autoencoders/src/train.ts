import { rm } from "node:fs/promises";
import { join } from "node:path";
import { type Density, openRunLog, type Program } from "@sae/core";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { densityFor, programOptions } from "./density.js";
import { firstState } from "./firstState.js";
import { inferenceForm } from "./inferenceForm.js";
import { saveRun } from "./saveRun.js";
import { startRun } from "./startRun.js";
import { projectionStart, stepInputs, stepsPerRun } from "./stepInputs.js";
import { trainedSae } from "./trainedSae.js";
import { checkFinite, checkFiniteWeights, logRows } from "./trainLog.js";
import type { LogLine, TrainOptions, TrainResult } from "./trainOptions.js";
import { compileTraining } from "./trainStep.js";

/**
 * Trains one SAE. With `out`, a run that was killed continues from its last checkpoint and ends with the same bytes; a finished one is trained again
 * only by a caller who asks for it.
 *
 * @throws SaeError `bad_config` for options that the variant's schema refuses and for decoder rows without a direction that a constraint shall keep
 *   them to, `bad_definition` for what is misspelt in a variant or a constraint, `missing_input`, `shape_mismatch`, `non_finite`, `no_variance`, `too_few_rows`,
 *   `diverged`, `other_run`, `corrupt_checkpoint`, and those of the source
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const run = startRun(options);
  const { spec, source, fingerprint } = run;
  const { recipe } = spec;
  const batchSize = recipe.batch * spec.dModel;
  const checkpointFile = options.out && join(options.out, "checkpoint.safetensors");
  const resumed = checkpointFile ? await readCheckpoint(checkpointFile, fingerprint) : null;
  const begin = resumed ?? (await firstState(run, options));
  const log = await openRunLog<LogLine>(options.out ? join(options.out, "log.jsonl") : undefined, begin.logLines);
  const { start } = begin;
  const scale = start.scale[0];
  const initialDecoder = start.W_dec;
  const projected = projectionStart(spec, start);
  const perRun = stepsPerRun(spec);
  const snapshots = (options.snapshots ?? []).filter((at) => at <= recipe.steps);
  const logEvery = options.logEvery ?? 100;
  const isLogged = (step: number) => (step + 1) % logEvery === 0 || step === 0 || step === recipe.steps - 1;
  const x = new Float32Array(perRun * batchSize);
  const startedAt = performance.now();
  let { step, state, lastL0 } = begin;
  let active: { density: Density; program: Program<string, string> } | undefined;
  let savedAt = startedAt;
  try {
    while (step < recipe.steps) {
      const end = Math.min(recipe.steps, step + perRun - (step % perRun), ...snapshots.filter((at) => at > step));
      const density = densityFor(lastL0, spec.dSae);
      if (active?.density !== density) {
        await active?.program.dispose();
        active = { density, program: await compileTraining(spec, density, programOptions(density, options.compile)) };
      }
      const batches = x.subarray(0, (end - step) * batchSize);
      for (let at = step; at < end; at++) {
        await source.trainBatch(at, batches.subarray((at - step) * batchSize, (at - step + 1) * batchSize));
      }
      const results = await active.program.run(
        stepInputs(spec, { from: step, to: end, state, scale, projected, batches }),
      );
      state = Object.fromEntries(Object.keys(state).map((name) => [name, results[name].data as Float32Array]));
      const rows = logRows(results.log.data as Float32Array, step);
      checkFinite(rows);
      await log.append(rows.filter((row) => isLogged(row.step)));
      const last = rows[rows.length - 1];
      step = end;
      // A run that a snapshot cut short decides nothing: watching must not change how the next steps lay out their codes.
      if (step % perRun === 0) lastL0 = last.l0;
      if (snapshots.includes(step)) {
        const sae = trainedSae(spec, state, scale);
        await options.onSnapshot?.({ spec, step, sae, initialDecoder, scalars: scalarsOf(state), last });
      }
      const now = performance.now();
      if (checkpointFile && step < recipe.steps && now - savedAt >= (options.checkpointMs ?? 60_000)) {
        await writeCheckpoint(checkpointFile, { step, state, start, lastL0, logLines: log.lines.length }, fingerprint);
        savedAt = now;
      }
      const msPerStep = (now - startedAt) / (step - begin.step);
      options.onProgress?.({
        step,
        steps: recipe.steps,
        last,
        tokensPerSecond: (recipe.batch * 1000) / msPerStep,
        msLeft: msPerStep * (recipe.steps - step),
      });
    }
  } finally {
    await log.close();
    await active?.program.dispose();
  }
  checkFiniteWeights(spec, state);
  const form = await inferenceForm(run, state, scale, options.compile);
  const result: TrainResult = { ...form, spec, initialDecoder, log: log.lines, scale, scalars: scalarsOf(state) };
  if (options.out) await saveRun(options.out, run, result);
  if (checkpointFile) await rm(checkpointFile, { force: true });
  return result;
}

/** The variant's scalar state, by the names that the variant gave. */
const scalarsOf = (state: Checkpoint["state"]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(state)
      .filter((name) => name.startsWith("state."))
      .map((name) => [name.slice(6), state[name][0]]),
  );
