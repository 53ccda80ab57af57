import { join } from "node:path";
import { fold, type Key, key, SaeError, writeFileAtomic } from "@sae/core";
import {
  buildPrompts,
  completePrompts,
  drawPairs,
  type Knowledge,
  knownPrompts,
  type LeftOut,
  type Prompts,
  promptActivations,
  splitTable,
  tableOf,
} from "@sae/editing";
import type { LanguageModel } from "@sae/models";
import { z } from "zod";
import { defineJob, type JobContext } from "../../jobs/job.js";
import { modelIdentitySchema, openLanguageModel } from "../../jobs/languageModelInput.js";
import { readJson } from "../../jobs/readJson.js";
import { namedTableSchema, openNamedTable } from "./namedTable.js";
import { chosenAttributes, ravelConfig } from "./ravelConfig.js";
import { ravelPairsCost } from "./ravelCost.js";
import { writeRavelFolder } from "./ravelFolder.js";

/** What the job leaves in result.json; the pairs themselves are in files, see `ravelFolder.ts`. */
export interface RavelPairsResult {
  readonly prompts: number;
  readonly leftOutPrompts: Prompts["leftOut"];
  readonly recall: Knowledge["recall"];
  readonly entities: { readonly asked: number } & Knowledge["entities"];
  /** Pairs of each kind. */
  readonly attributes: readonly { readonly attribute: string; readonly train: number; readonly test: number }[];
  readonly leftOut: readonly LeftOut[];
}

export const ravelPairsConfig = z.object({
  model: modelIdentitySchema,
  hook: z.string(),
  table: namedTableSchema,
  seed: z.number().int().nonnegative(),
  ...ravelConfig.pick({
    entityType: true,
    attributes: true,
    candidates: true,
    templates: true,
    entities: true,
    entityTokens: true,
    newTokens: true,
    trainPairs: true,
    testPairs: true,
  }).shape,
});

type Config = z.infer<typeof ravelPairsConfig>;

/** Stream of everything that RAVEL draws. */
export const ravelKey = (seed: number): Key => fold(key(seed), "ravel");

/** Finds out what a model knows, draws pairs of prompts, and computes their activations at the hook. */
export const ravelPairsJob = defineJob({
  kind: "ravel-pairs",
  version: 3,
  config: ravelPairsConfig,
  cost: ravelPairsCost,
  run: async (config, context): Promise<RavelPairsResult> => {
    const whole = await openNamedTable(config.table, config.entityType, context.local);
    const attributes = chosenAttributes(config, Object.keys(whole.templates));
    const root = ravelKey(config.seed);
    const table = splitTable(tableOf(whole, attributes), fold(root, "split"));
    const model = await openLanguageModel(config.model, context.local);
    try {
      const { candidates, templates, entities, entityTokens, newTokens } = config;
      const asked = buildPrompts(table, model, {
        key: fold(root, "prompts"),
        entities: candidates,
        templates,
        entityTokens,
        newTokens,
      });
      const completions = await completed(model, asked, config, context);
      const { tokenizer } = model;
      if (tokenizer === null) throw new SaeError("internal", "RAVEL: prompts without a tokenizer");
      const known = knownPrompts(asked.prompts, completions, tokenizer, entities);
      const pairs = drawPairs(known.prompts, {
        key: fold(root, "pairs"),
        attributes,
        pairs: { train: config.trainPairs, test: config.testPairs },
      });
      const activations = await promptActivations(model, config.hook, pairs.prompts, {
        threads: 1,
        onProgress: (done) => context.report({ done: 0.9 + 0.1 * done, text: "activations of the prompts" }),
      });
      await writeRavelFolder(context.folder, { pairs, activations });
      return {
        prompts: asked.prompts.length,
        leftOutPrompts: asked.leftOut,
        recall: known.recall,
        entities: { asked: new Set(asked.prompts.map(({ entity }) => entity)).size, ...known.entities },
        attributes: pairs.attributes.map(({ attribute, train, test }) => ({
          attribute,
          train: train.length / 2,
          test: test.length / 2,
        })),
        leftOut: pairs.leftOut,
      };
    } finally {
      await model.close();
    }
  },
});

/** Batches between two times that completions are kept. */
const keepEvery = 20;

/** What the model says after each prompt; what an interrupted job has asked is not asked again. */
async function completed(
  model: LanguageModel,
  { prompts }: Prompts,
  { newTokens }: Config,
  { folder, report }: JobContext,
): Promise<(readonly number[])[]> {
  const path = join(folder, "completions.json");
  const damaged = { code: "corrupt_checkpoint", remedy: "delete it to ask the model again" };
  const known = new Map(((await readJson(path, damaged)) as [number, number[]][] | null) ?? []) as Map<
    number,
    readonly number[]
  >;
  const keep = () => writeFileAtomic(path, JSON.stringify([...known]));
  let batches = 0;
  const completions = await completePrompts(model, prompts, {
    threads: 1,
    newTokens,
    known: new Map(known),
    onBatch: async (written) => {
      for (const [prompt, ids] of written) known.set(prompt, ids);
      if (++batches % keepEvery === 0) await keep();
      const done = known.size / prompts.length;
      report({ done: 0.9 * done, text: `asked ${known.size} of ${prompts.length} questions` });
    },
  });
  await keep();
  return completions;
}
