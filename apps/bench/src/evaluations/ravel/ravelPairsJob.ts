import { join } from "node:path";
import { fold, type Key, key, SaeError, writeFileAtomic } from "@sae/core";
import {
  buildPrompts,
  completePrompts,
  drawPairs,
  joinPairs,
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
import { programOptions } from "../../jobs/programOptions.js";
import { readJson } from "../../jobs/readJson.js";
import { namedTableSchema, openNamedTables } from "./namedTable.js";
import { chosenAttributes, ravelConfig } from "./ravelConfig.js";
import { ravelPairsCost } from "./ravelCost.js";
import { writeRavelFolder } from "./ravelFolder.js";

type Reason = Pick<LeftOut, "reason">;

/** What the job leaves in result.json; the pairs themselves are in files, see `ravelFolder.ts`. */
export interface RavelPairsResult {
  readonly prompts: number;
  readonly leftOutPrompts: Prompts["leftOut"];
  readonly recall: Knowledge["recall"];
  readonly entities: { readonly asked: number } & Knowledge["entities"];
  /** Pairs of each kind. */
  readonly attributes: readonly { readonly attribute: string; readonly train: number; readonly test: number }[];
  /** What has too few pairs: attributes, or a kind of entities. */
  readonly leftOut: readonly Reason[];
}

export const ravelPairsConfig = z.object({
  model: modelIdentitySchema,
  hook: z.string(),
  table: namedTableSchema,
  seed: z.number().int().nonnegative(),
  ...ravelConfig.pick({
    entityTypes: true,
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
    const tables = await openNamedTables(config.table, config.entityTypes, context.local);
    const chosen = chosenAttributes(config, tables);
    const root = ravelKey(config.seed);
    const model = await openLanguageModel(config.model, context.local);
    try {
      const { candidates, templates, entities, entityTokens, newTokens } = config;
      const asked = tables.map((table, i) =>
        buildPrompts(splitTable(tableOf(table, chosen[i]), fold(root, "split")), model, {
          key: fold(root, "prompts"),
          entities: candidates,
          templates,
          entityTokens,
          newTokens,
        }),
      );
      const prompts = asked.flatMap((one) => one.prompts);
      const completions = await completed(model, prompts, config, context);
      const { tokenizer } = model;
      if (tokenizer === null) throw new SaeError("internal", "RAVEL: prompts without a tokenizer");
      const { parts, failed } = eachTable(config.entityTypes, (i) => {
        const own = asked[i].prompts;
        const before = asked.slice(0, i).reduce((sum, one) => sum + one.prompts.length, 0);
        const known = knownPrompts(own, completions.slice(before, before + own.length), tokenizer, entities);
        const pairs = drawPairs(known.prompts, {
          key: fold(root, "pairs"),
          attributes: chosen[i],
          entityType: config.entityTypes[i],
          pairs: { train: config.trainPairs, test: config.testPairs },
        });
        return { known, pairs };
      });
      const pairs = joinPairs(parts.map((part) => part.pairs));
      const activations = await promptActivations(model, config.hook, pairs.prompts, {
        ...programOptions(context.local),
        onProgress: (done) => context.report({ done: 0.9 + 0.1 * done, text: "activations of the prompts" }),
      });
      await writeRavelFolder(context.folder, { pairs, activations });
      return {
        prompts: prompts.length,
        leftOutPrompts: sumOf(asked.map(({ leftOut }) => leftOut)),
        recall: Object.assign({}, ...parts.map(({ known }) => known.recall)),
        entities: {
          asked: asked.reduce((sum, one) => sum + new Set(one.prompts.map(({ entity }) => entity)).size, 0),
          ...sumOf(parts.map(({ known }) => known.entities)),
        },
        attributes: pairs.attributes.map(({ attribute, train, test }) => ({
          attribute,
          train: train.length / 2,
          test: test.length / 2,
        })),
        leftOut: [...pairs.leftOut, ...failed],
      };
    } finally {
      await model.close();
    }
  },
});

const sumOf = <Names extends string>(counts: readonly Readonly<Record<Names, number>>[]): Record<Names, number> => {
  const names = Object.keys(counts[0]) as Names[];
  return Object.fromEntries(names.map((name) => [name, counts.reduce((sum, one) => sum + one[name], 0)])) as Record<
    Names,
    number
  >;
};

/** What each kind of entities gives. One of which the model knows too little is left out, unless nothing is left then. */
function eachTable<Part>(
  entityTypes: readonly string[],
  partOf: (i: number) => Part,
): { readonly parts: readonly Part[]; readonly failed: readonly Reason[] } {
  const parts: Part[] = [];
  const errors = new Map<string, SaeError>();
  for (const [i, entityType] of entityTypes.entries()) {
    try {
      parts.push(partOf(i));
    } catch (error) {
      if (!(error instanceof SaeError && ["nothing_known", "too_few_pairs"].includes(error.code))) throw error;
      errors.set(entityType, error);
    }
  }
  if (parts.length === 0) throw [...errors.values()][0];
  return { parts, failed: [...errors].map(([entityType, { message }]) => ({ reason: `${entityType}: ${message}` })) };
}

/** Batches between two times that completions are kept. */
const keepEvery = 20;

/** What the model says after each prompt; what an interrupted job has asked is not asked again. */
async function completed(
  model: LanguageModel,
  prompts: Prompts["prompts"],
  { newTokens }: Config,
  { folder, local, report }: JobContext,
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
    ...programOptions(local),
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
