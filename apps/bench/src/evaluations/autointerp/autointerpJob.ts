import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { loadSae } from "@sae/autoencoders";
import {
  accuracy,
  type CollectedLatents,
  type CollectOptions,
  collectLatents,
  type Judgement,
  type LatentCounts,
  type LatentSequences,
} from "@sae/interp";
import { type UnitScores, unitScores } from "@sae/metrics";
import { openHarvest } from "@sae/models";
import { z } from "zod";
import { knownVariants } from "../../jobs/findByName.js";
import { activationsOf } from "../../jobs/harvestFolder.js";
import { defineJob, type JobContext } from "../../jobs/job.js";
import { keptJson } from "../../jobs/keptJson.js";
import { type ModelIdentity, modelIdentitySchema, openLanguageModel } from "../../jobs/languageModelInput.js";
import { programOptions } from "../../jobs/programOptions.js";
import type { EvaluationResult } from "../evaluation.js";
import { autointerpConfig } from "./autointerpConfig.js";
import { autointerpCost } from "./autointerpCost.js";
import type { ExplainerKind } from "./explainerKind.js";
import { autointerpId, explainerNames, explainers } from "./explainers.js";
import { type JudgedLatent, judgedLatents } from "./judgedLatents.js";
import { latentActivations } from "./latentActivations.js";

/** One latent of the result. */
export interface AutointerpLatent {
  readonly latent: number;
  /** Share of the tokens on which it is active. */
  readonly frequency: number;
  readonly description: string;
  readonly judgement: Judgement;
  /** With the description of another latent; null when there is no other. */
  readonly control: Judgement | null;
}

/** A latent with texts, for readers. */
export interface ShownLatent {
  readonly latent: number;
  /** Its strongest examples. */
  readonly sequences: readonly { readonly tokens: readonly string[]; readonly activations: readonly number[] }[];
}

/** What the job leaves in result.json. */
export interface AutointerpJobResult extends EvaluationResult {
  readonly explainer: string;
  readonly judge: string;
  readonly counts: LatentCounts;
  /** Tokens with activations. */
  readonly tokens: number;
  readonly latents: readonly AutointerpLatent[];
  /** Some latents from the best to the worst score. */
  readonly shown: readonly ShownLatent[];
}

/** Explains latents of one SAE and judges the descriptions. Needs `activations` and `sae`. */
export const autointerpJob = defineJob({
  kind: "autointerp",
  version: 1,
  config: z.object({
    model: modelIdentitySchema,
    seed: z.number().int().nonnegative(),
    explainer: z.enum(explainerNames),
    /** Of the explainer. */
    options: z.record(z.string(), z.unknown()),
    collect: autointerpConfig,
  }),
  cost: autointerpCost,
  run: async ({ model, seed, explainer: name, options, collect }, context): Promise<AutointerpJobResult> => {
    const unfinished = unfinishedFolder(context.folder);
    await mkdir(unfinished, { recursive: true });
    const { latents, counts, tokens } = await keptJson(join(unfinished, "sequences.json"), () =>
      collectFrom(model, { seed, ...collect }, context),
    );
    const kind: ExplainerKind = explainers[name];
    const open = await kind.open(kind.config.parse(options), { ...context, seed });
    try {
      const judged = await judgedLatents(latents, open, { folder: unfinished, report: context.report }, seed);
      const id = autointerpId(name);
      // All that readers want of it is in the result.
      await rm(unfinished, { recursive: true });
      return {
        scores: {
          ...scoresOf(`${id}-accuracy`, latents, judged, ({ judgement }) => judgement),
          ...scoresOf(`${id}-shuffled`, latents, judged, ({ control }) => control),
        },
        explainer: open.explainer.name,
        judge: open.judge.name,
        counts,
        tokens,
        latents: latents.map(({ latent, frequency }, i) => {
          const { explanation, judgement, control } = judged[i];
          return { latent, frequency, description: explanation.text, judgement, control };
        }),
        shown: shownLatents(latents, judged),
      };
    } finally {
      await open.close?.();
    }
  },
});

/** What the job has while it is not done: sequences, and every answer as it came. */
export const unfinishedFolder = (folder: string): string => join(folder, "unfinished");

/** Reads the harvest, or so many tokens of it. */
async function collectFrom(
  identity: ModelIdentity,
  { tokens, ...options }: CollectOptions & { readonly tokens?: number | undefined },
  { needs, local, report }: JobContext,
): Promise<CollectedLatents> {
  const sae = await loadSae(needs.sae, knownVariants());
  const model = await openLanguageModel(identity, local);
  const harvest = await openHarvest(activationsOf(needs.activations));
  try {
    const tokenText = (id: number): string => model.tokenizer?.tokenText(id) ?? `${id}`;
    const activations = await latentActivations(harvest, sae, tokenText, { ...programOptions(local), tokens });
    report({ done: 0, text: "collecting sequences" });
    const collected = await collectLatents(activations, options);
    await activations.dispose();
    return collected;
  } finally {
    await harvest.close();
    await model.close();
  }
}

/** The score of this name; none when no answer could be read. */
function scoresOf(
  id: string,
  latents: readonly LatentSequences[],
  judged: readonly JudgedLatent[],
  judgementOf: (judged: JudgedLatent) => Judgement | null,
): Record<string, UnitScores> {
  const units = judged.flatMap((one, i) => {
    const judgement = judgementOf(one);
    const value = judgement && accuracy(judgement);
    return value === null ? [] : [{ id: `latent ${latents[i].latent}`, value }];
  });
  return units.length === 0 ? {} : { [id]: unitScores(units) };
}

/** Latents and sequences of each that readers see. */
const shownCount = { latents: 4, sequences: 3 };

/** Latents at equal steps from the best score to the worst. */
function shownLatents(latents: readonly LatentSequences[], judged: readonly JudgedLatent[]): ShownLatent[] {
  const score = (i: number): number => accuracy(judged[i].judgement) ?? -1;
  const ranked = Array.from(latents.keys()).sort((a, b) => score(b) - score(a) || a - b);
  const count = Math.min(shownCount.latents, ranked.length);
  return Array.from({ length: count }, (_, step) => {
    const { latent, examples } = latents[ranked[Math.round((step * (ranked.length - 1)) / Math.max(1, count - 1))]];
    const sequences = examples.activating.slice(0, shownCount.sequences);
    return { latent, sequences: sequences.map(({ tokens, activations }) => ({ tokens, activations })) };
  });
}
