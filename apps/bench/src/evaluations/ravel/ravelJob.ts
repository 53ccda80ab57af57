import { loadSae } from "@sae/autoencoders";
import { fold } from "@sae/core";
import type { UnitScores } from "@sae/metrics";
import { z } from "zod";
import { knownVariants } from "../../jobs/findByName.js";
import { defineJob } from "../../jobs/job.js";
import { modelIdentitySchema, openLanguageModel } from "../../jobs/languageModelInput.js";
import type { EvaluationResult } from "../evaluation.js";
import { type EditSummary, scoresOf, summaryOf } from "./editSummary.js";
import { maskEdits } from "./maskEdits.js";
import { ravelConfig } from "./ravelConfig.js";
import { ravelCost } from "./ravelCost.js";
import { readRavelFolder } from "./ravelFolder.js";
import { ravelKey } from "./ravelPairsJob.js";
import { saeFeaturizer } from "./saeFeaturizer.js";

/** How an SAE did for one attribute: with the learned mask, and with edits that it has to be compared with. */
export interface RavelAttribute extends EditSummary {
  readonly reconstruction: EditSummary;
  readonly every: EditSummary;
  readonly random: EditSummary;
  /** Latents in the mask, mean over masks. */
  readonly size: number;
  /** Latents that are active on some training prompt. */
  readonly active: number;
  /** Mean loss of the first and of the last tenth of the training, in nats. */
  readonly firstLoss: number;
  readonly lastLoss: number;
}

/** What the job leaves in result.json. */
export interface RavelJobResult extends EvaluationResult {
  readonly scores: Readonly<Record<"ravel" | "ravel-cause" | "ravel-isolation" | "ravel-over-random", UnitScores>>;
  readonly attributes: readonly RavelAttribute[];
}

/** Learns masks over the latents of one SAE and scores them. Needs `pairs` and `sae`. */
export const ravelJob = defineJob({
  kind: "ravel",
  version: 2,
  config: z.object({
    model: modelIdentitySchema,
    seed: z.number().int().nonnegative(),
    ...ravelConfig.pick({
      newTokens: true,
      epochs: true,
      lr: true,
      batch: true,
      keepError: true,
      masks: true,
      randomMasks: true,
    }).shape,
  }),
  cost: ravelCost,
  run: async (config, context): Promise<RavelJobResult> => {
    const ravel = await readRavelFolder(context.needs.pairs);
    const sae = await loadSae(context.needs.sae, knownVariants());
    const model = await openLanguageModel(config.model, context.local);
    try {
      const { epochs, lr, batch, keepError, masks, randomMasks, newTokens, seed } = config;
      const edits = await maskEdits(
        model,
        ravel,
        saeFeaturizer(sae),
        "sae",
        {
          recipe: { epochs, lr, batch, firstTemperature: 1, lastTemperature: 1e-4 },
          keepError,
          masks,
          randomMasks,
          newTokens,
          key: fold(ravelKey(seed), "masks"),
        },
        context,
      );
      const { attributes } = ravel.pairs;
      const { cause, isolation, disentanglement } = scoresOf(attributes, (_, i) => edits[i].trained);
      const overRandom = scoresOf(attributes, (_, i) => {
        const { trained, random } = edits[i];
        return trained.map((score, pair) => score - random[pair]);
      });
      return {
        scores: {
          ravel: disentanglement,
          "ravel-cause": cause,
          "ravel-isolation": isolation,
          "ravel-over-random": overRandom.disentanglement,
        },
        attributes: attributes.map((own, i) => {
          const { trained, reconstruction, every, random, masks: learned, active } = edits[i];
          const mean = (of: (mask: (typeof learned)[number]) => number) =>
            learned.reduce((sum, mask) => sum + of(mask), 0) / learned.length;
          return {
            ...summaryOf(own, trained),
            reconstruction: summaryOf(own, reconstruction),
            every: summaryOf(own, every),
            random: summaryOf(own, random),
            size: mean(({ size }) => size),
            active,
            firstLoss: mean(({ firstLoss }) => firstLoss),
            lastLoss: mean(({ lastLoss }) => lastLoss),
          };
        }),
      };
    } finally {
      await model.close();
    }
  },
});
