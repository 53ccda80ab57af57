import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileSae, type Forward, loadSae } from "@sae/autoencoders";
import { type SpliceScores, spliceScores, spliceUnits } from "@sae/metrics";
import { z } from "zod";
import type { EvaluationResult } from "../evaluations/evaluation.js";
import { knownVariants } from "./findByName.js";
import { readEvaluation } from "./harvestFolder.js";
import { defineJob, type JobContext } from "./job.js";
import { openLanguageModel } from "./languageModelInput.js";
import { programOptions } from "./programOptions.js";
import { ablationCost, contextsAtOnce, type SpliceSizes, spliceCost } from "./spliceCost.js";
import { type ContextBatch, openSplicer, type Splicer } from "./spliceLosses.js";

/** What the language model's losses are with one SAE's reconstruction in place of the activations. */
export interface SpliceJobResult extends EvaluationResult {
  /** Everything, with intervals over contexts. */
  readonly losses: SpliceScores;
  readonly contexts: number;
  /** Positions replaced and counted. */
  readonly positions: number;
}

/** Losses of the clean and the ablated model, context by context: the same for every SAE. */
export interface AblationJobResult {
  readonly positions: readonly number[];
  readonly clean: readonly number[];
  readonly zeroAblated: readonly number[];
  readonly meanAblated: readonly number[];
  readonly klZeroAblated: readonly number[];
  readonly klMeanAblated: readonly number[];
}

/** Measures the clean and the ablated model on the contexts kept for evaluation. Needs `activations`. */
export const ablationJob = defineJob({
  kind: "ablation",
  version: 1,
  config: z.object({}),
  cost: (_config, sizes: SpliceSizes) => ablationCost(sizes),
  run: async (_config, context): Promise<AblationJobResult> => {
    const sums: Record<keyof AblationJobResult, number[]> = {
      positions: [],
      clean: [],
      zeroAblated: [],
      meanAblated: [],
      klZeroAblated: [],
      klMeanAblated: [],
    };
    await overEvaluation(context, async (splicer, batch, { mean }) => {
      const zero = new Float32Array(batch.x.length);
      const average = Float32Array.from(batch.x, (_, at) => mean[at % mean.length]);
      const clean = await splicer.losses(batch, batch.x);
      const ablated = { zero: await splicer.losses(batch, zero), mean: await splicer.losses(batch, average) };
      sums.positions.push(...splicer.positions(batch));
      sums.clean.push(...clean.crossEntropy);
      sums.zeroAblated.push(...ablated.zero.crossEntropy);
      sums.meanAblated.push(...ablated.mean.crossEntropy);
      sums.klZeroAblated.push(...ablated.zero.kl);
      sums.klMeanAblated.push(...ablated.mean.kl);
    });
    return sums;
  },
});

/** Measures one SAE spliced into the model. Needs `activations`, `ablation` and `sae`. */
export const spliceJob = defineJob({
  kind: "splice",
  version: 2,
  config: z.object({}),
  cost: (_config, sizes: SpliceSizes) => spliceCost(sizes),
  run: async (_config, context): Promise<SpliceJobResult> => {
    const floors = JSON.parse(await readFile(join(context.needs.ablation, "result.json"), "utf8")) as AblationJobResult;
    const sae = await loadSae(context.needs.sae, knownVariants());
    const sums = { spliced: [] as number[], klSpliced: [] as number[] };
    let forward: { readonly rows: number; readonly program: Forward } | null = null;
    await overEvaluation(context, async (splicer, batch) => {
      const rows = batch.texts.length * batch.seq;
      if (forward?.rows !== rows) {
        await forward?.program.dispose();
        forward = { rows, program: await compileSae(sae, rows, programOptions(context.local)) };
      }
      const { xHat } = await forward.program.run(batch.x);
      const { crossEntropy, kl } = await splicer.losses(batch, xHat);
      sums.spliced.push(...crossEntropy);
      sums.klSpliced.push(...kl);
    });
    await (forward as { program: Forward } | null)?.program.dispose();
    const losses = { ...floors, ...sums };
    const { crossEntropy, klDivergence, lossRecovered } = spliceUnits(losses);
    return {
      scores: {
        "cross-entropy": crossEntropy,
        "kl-divergence": klDivergence,
        ...(lossRecovered && { "loss-recovered": lossRecovered }),
      },
      losses: spliceScores(losses),
      contexts: floors.positions.length,
      positions: floors.positions.reduce((total, count) => total + count, 0),
    };
  },
});

/** Runs over the evaluation contexts of the harvest, a few at a time. */
async function overEvaluation(
  { needs, local, report }: JobContext,
  visit: (splicer: Splicer, batch: ContextBatch, evaluation: { readonly mean: Float32Array }) => Promise<void>,
): Promise<void> {
  const { model: identity, hook, contexts, mean, leftOut } = await readEvaluation(needs.activations);
  const model = await openLanguageModel(identity, local);
  const splicer = await openSplicer(model, hook, { ...programOptions(local), leftOut });
  try {
    for (let at = 0; at < contexts.length; at += contextsAtOnce) {
      const batch = await splicer.activations(contexts.slice(at, at + contextsAtOnce));
      await visit(splicer, batch, { mean });
      const done = Math.min(1, (at + contextsAtOnce) / contexts.length);
      report({ done, text: `${Math.min(at + contextsAtOnce, contexts.length)} of ${contexts.length} contexts` });
    }
  } finally {
    await splicer.dispose();
    await model.close();
  }
}
