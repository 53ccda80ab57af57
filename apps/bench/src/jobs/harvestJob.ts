import { SaeError } from "@sae/core";
import {
  type Context,
  type ContextSource,
  type HarvestManifest,
  harvest,
  hookPrefix,
  type LanguageModel,
  textContexts,
} from "@sae/models";
import { z } from "zod";
import { activationMoments, type Sinks } from "./activationMoments.js";
import { harvestCost } from "./harvestCost.js";
import { activationsOf, writeEvaluation } from "./harvestFolder.js";
import { harvestShortfall } from "./harvestShortfall.js";
import { defineJob } from "./job.js";
import { modelIdentitySchema, openLanguageModel } from "./languageModelInput.js";
import { longPassOptions } from "./programOptions.js";
import { openNamedTexts, textsSchema } from "./textsInput.js";

/** What is harvested, and how much of it. */
export const harvestConfig = z.object({
  model: modelIdentitySchema,
  hook: z.string(),
  texts: textsSchema,
  nCtx: z.number().int().positive(),
  layout: z.enum(["packed", "perDocument"]).default("packed"),
  /** Rows for training; all there are when left out. */
  rows: z.number().int().positive().optional(),
  dtype: z.enum(["float16", "float32"]).default("float16"),
  batch: z.number().int().positive().default(8),
  /** The first contexts are kept for evaluations in the model, and no SAE is trained on them. */
  evaluationContexts: z.number().int().nonnegative().default(0),
  skipBos: z.boolean().default(true),
  skipPositions: z.number().int().nonnegative().default(0),
  /** Rows with a norm above so many medians are left out; null for none. */
  maxNorm: z.number().positive().nullable().default(null),
});
/** See {@link harvestConfig}. */
export type HarvestJobConfig = z.infer<typeof harvestConfig>;

/** What a harvest leaves in result.json; the activations are in its folder `activations`. */
export interface HarvestJobResult {
  readonly rows: number;
  readonly dModel: number;
  readonly counts: HarvestManifest["counts"];
  readonly norms: HarvestManifest["norms"];
  readonly evaluationContexts: number;
  /** Not in results of earlier versions. */
  readonly sinks?: Sinks;
}

/** Runs a language model over texts and stores what stands at a hook. */
export const harvestJob = defineJob({
  kind: "harvest",
  version: 2,
  config: harvestConfig,
  cost: harvestCost,
  run: async (config, { folder, local, report }): Promise<HarvestJobResult> => {
    const { hook, nCtx, layout, rows, dtype, batch, skipBos, skipPositions, maxNorm, evaluationContexts } = config;
    const model = await openLanguageModel(config.model, local);
    const prefix = await hookPrefix(model, hook, longPassOptions(local));
    try {
      const texts = await openNamedTexts(config.texts, local);
      const contexts = textContexts(texts, tokenizerOf(model), { nCtx, layout });
      const kept = await firstContexts(contexts, evaluationContexts);
      const { counts, norms, dModel } = await harvest({
        prefix,
        contexts: withoutFirst(contexts, kept),
        folder: activationsOf(folder),
        dtype,
        batch,
        skipBos,
        skipPositions,
        maxNorm,
        ...(rows !== undefined && { maxRows: rows }),
        onProgress: ({ rows: made, tokensPerSecond, msLeft }) => {
          report({
            done: rows === undefined ? 0 : made / rows,
            text: `${made} rows  ${Math.round(tokensPerSecond)} tokens/s`,
            ...(msLeft !== null && { msLeft }),
          });
        },
      });
      const shortfall = harvestShortfall(config, counts);
      if (shortfall !== null) report({ done: 1, text: shortfall });
      const { mean, sinks } = await activationMoments(activationsOf(folder));
      await writeEvaluation(folder, {
        model: config.model,
        hook,
        contexts: kept.map(({ tokens, length }) => tokens.slice(0, length)),
        mean,
      });
      return { rows: counts.rows, dModel, counts, norms, evaluationContexts: kept.length, sinks };
    } finally {
      await prefix.dispose();
      await model.close();
    }
  },
});

const tokenizerOf = ({ tokenizer, name }: LanguageModel) => {
  if (tokenizer !== null) return tokenizer;
  throw new SaeError(
    "no_tokenizer",
    `${name}: needed its tokenizer to read texts, found none beside the weights; put tokenizer.json there`,
  );
};

async function firstContexts(source: ContextSource, count: number): Promise<Context[]> {
  const kept: Context[] = [];
  if (count === 0) return kept;
  for await (const context of source.from()) {
    kept.push(context);
    if (kept.length === count) return kept;
  }
  throw new SaeError(
    "too_few_texts",
    `harvest: needed more than ${count} contexts of text, ${count} of them for evaluation, got ${kept.length}; give more text or keep fewer`,
  );
}

/** The stream from where the contexts that were kept end. */
function withoutFirst(source: ContextSource, kept: readonly Context[]): ContextSource {
  const start = kept[kept.length - 1]?.next;
  if (start === undefined) return source;
  return {
    ...source,
    identity: { ...source.identity, from: start },
    from: (position) => source.from(position === undefined || position.context < start.context ? start : position),
  };
}
