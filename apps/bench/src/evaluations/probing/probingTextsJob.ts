import { SaeError } from "@sae/core";
import { harvest, hookPrefix } from "@sae/models";
import { type DatasetSummary, prepareTasks, probingContexts } from "@sae/probing";
import { z } from "zod";
import { activationsOf } from "../../jobs/harvestFolder.js";
import { defineJob } from "../../jobs/job.js";
import { modelIdentitySchema, openLanguageModel } from "../../jobs/languageModelInput.js";
import { longPassOptions } from "../../jobs/programOptions.js";
import { probingTextsCost } from "./probingCost.js";
import { datasetIdentity, datasetPlaces, readDatasets } from "./probingData.js";
import { writeTasks } from "./probingTasks.js";

/** Which texts the model reads, and how. */
export const probingTextsConfig = z.object({
  model: modelIdentitySchema,
  hook: z.string(),
  datasets: z.array(datasetIdentity),
  train: z.number().int().positive(),
  test: z.number().int().positive(),
  least: z.number().int().positive(),
  tokens: z.number().int().min(2),
  dtype: z.enum(["float16", "float32"]),
  seed: z.number().int().nonnegative(),
});

/** What it leaves in result.json, beside the activations and the tasks. */
export interface ProbingTextsResult {
  readonly datasets: readonly (DatasetSummary & {
    /** Of files from the hub, the commit that they are of. */
    readonly commit?: string;
  })[];
  readonly tasks: number;
  /** Texts, each counted once. */
  readonly texts: number;
  /** Their tokens that count: without those that stand for no text. */
  readonly tokens: number;
}

/** Makes the tasks of data sets, and runs the model once over their texts: activations of every token, for all SAEs of this hook. */
export const probingTextsJob = defineJob({
  kind: "probing-texts",
  version: 1,
  config: probingTextsConfig,
  cost: probingTextsCost,
  run: async (config, { folder, local, report }): Promise<ProbingTextsResult> => {
    const { hook, datasets, train, test, least, dtype, seed } = config;
    report({ done: 0, text: "reading texts" });
    const material = await readDatasets(datasets, datasetPlaces(local), train + test);
    const model = await openLanguageModel(config.model, local);
    try {
      const { tokenizer } = model;
      if (tokenizer === null) {
        throw new SaeError(
          "no_tokenizer",
          `${model.name}: needed its tokenizer to read texts, found none beside the weights`,
        );
      }
      const tokens = Math.min(config.tokens, model.sizes.nCtx);
      const sizes = { train, test, least };
      const prepared = await prepareTasks({ datasets: material, tokenizer, nCtx: tokens, sizes, seed });
      await writeTasks(folder, prepared.tasks);
      const prefix = await hookPrefix(model, hook, longPassOptions(local));
      const { counts } = await harvest({
        prefix,
        contexts: probingContexts(prepared.texts, tokenizer, tokens),
        folder: activationsOf(folder),
        dtype,
        skipTokens: [...tokenizer.special].sort((a, b) => a - b),
        onProgress: ({ tokens: read, tokensPerSecond }) => {
          const most = prepared.texts.length * tokens;
          report({ done: Math.min(1, read / most), text: `${Math.round(tokensPerSecond)} tokens/s` });
        },
      }).finally(() => prefix.dispose());
      const { tasks, texts } = prepared;
      const summaries = prepared.datasets.map((summary, i) => {
        const { commit } = material[i];
        return { ...summary, ...(commit !== null && { commit }) };
      });
      return { datasets: summaries, tasks: tasks.length, texts: texts.length, tokens: counts.rows };
    } finally {
      await model.close();
    }
  },
});
