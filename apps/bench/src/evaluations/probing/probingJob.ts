import { compileEncoder, loadSae } from "@sae/autoencoders";
import type { UnitScores } from "@sae/metrics";
import { channelEncoder, type ProbeChoice, probingScores, type TaskResult, withoutTooLarge } from "@sae/probing";
import { z } from "zod";
import { knownVariants } from "../../jobs/findByName.js";
import { defineJob } from "../../jobs/job.js";
import { programOptions } from "../../jobs/programOptions.js";
import { probingChannelsCost, probingCost } from "./probingCost.js";
import { probeTasks } from "./probingTasks.js";

const counts = z.array(z.number().int().positive());

/** Which probes are trained. */
export const probingConfig = z.object({ ks: counts, full: z.boolean(), aucKs: counts });
export type ProbingConfig = z.output<typeof probingConfig>;

/** What probing an SAE, or the channels, leaves in result.json. */
export interface ProbingJobResult {
  readonly scores: Readonly<Record<string, UnitScores>>;
  readonly tasks: readonly TaskResult[];
  /** Probes that could not be trained, and other things to know. */
  readonly messages: readonly string[];
}

/** Probes the latents of one SAE. Needs `texts` and `sae`. */
export const probingJob = defineJob({
  kind: "probing",
  version: 1,
  config: probingConfig,
  cost: probingCost,
  run: async ({ ks, full, aucKs }, context): Promise<ProbingJobResult> => {
    const sae = await loadSae(context.needs.sae, knownVariants());
    const choice: ProbeChoice = { ks, full, curveKs: aucKs, curveFull: false };
    const batch = batchFor(sae.dSae);
    const encoder = await compileEncoder(sae, batch, programOptions(context.local));
    try {
      const used = { batch, columns: sae.dSae, encode: encoder.run };
      const results = await probeTasks(context.needs.texts, context, () => used, choice);
      const isSilent = results.length > 0 && results.every(({ activeLatents }) => activeLatents === 0);
      const silent = isSilent ? [silentMessage] : [];
      return {
        scores: probingScores(results),
        tasks: results,
        messages: [...withoutTooLarge(choice, sae.dSae).messages, ...silent],
      };
    } finally {
      await encoder.dispose();
    }
  },
});

const silentMessage =
  "no latent is active on any text of the tasks: every probe gives a constant answer, which is right half of the time";

/** Probes the channels of the residual stream in the same way: what SAEs are compared with. Needs `texts`. */
export const probingChannelsJob = defineJob({
  kind: "probing-channels",
  version: 1,
  config: probingConfig,
  cost: probingChannelsCost,
  run: async ({ ks, full }, context): Promise<ProbingJobResult> => {
    // The baseline of SAE-Probes has all channels; a ranking by non-zero means has no meaning for them.
    const choice: ProbeChoice = { ks, full, curveKs: [], curveFull: full };
    let channels = Number.POSITIVE_INFINITY;
    const encoder = (dModel: number) => {
      channels = dModel;
      return channelEncoder(dModel);
    };
    const results = await probeTasks(context.needs.texts, context, encoder, choice);
    return { scores: probingScores(results), tasks: results, messages: withoutTooLarge(choice, channels).messages };
  },
});

/** Tokens that are encoded together: fewer for wide SAEs, so that dense codes stay below 64 MB. */
const batchFor = (dSae: number): number => Math.max(16, Math.min(1024, Math.floor(2 ** 24 / dSae)));
