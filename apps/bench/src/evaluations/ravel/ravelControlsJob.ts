import { join } from "node:path";
import { fold, writeFileAtomic } from "@sae/core";
import { type EditPairs, type Featurizer, neurons, patchAtHooks, rotatedBasis, scoreUnedited } from "@sae/editing";
import type { LanguageModel } from "@sae/models";
import { z } from "zod";
import { defineJob, type JobContext, type JobProgress } from "../../jobs/job.js";
import { modelIdentitySchema, openLanguageModel } from "../../jobs/languageModelInput.js";
import { programOptions } from "../../jobs/programOptions.js";
import { readJson } from "../../jobs/readJson.js";
import { type EditSummary, scoresOf, summaryOf } from "./editSummary.js";
import { type AttributeEdits, type EditOptions, maskEdits } from "./maskEdits.js";
import { ravelConfig } from "./ravelConfig.js";
import { ravelControlsCost } from "./ravelCost.js";
import { readRavelFolder } from "./ravelFolder.js";
import { ravelKey } from "./ravelPairsJob.js";

/** An edit without an SAE, for comparison. */
export interface RavelControl {
  readonly id: "unedited" | "patched" | "neurons" | "mdas";
  readonly label: string;
  /** Mean over attributes of the mean of cause and isolation. */
  readonly disentanglement: number;
  readonly attributes: readonly (EditSummary & {
    /** Features that a learned mask takes, mean over masks, of those that it can choose from; null without a mask. */
    readonly size: number | null;
    readonly active: number | null;
  })[];
}

/** What the job leaves in result.json. */
export interface RavelControlsResult {
  readonly controls: readonly RavelControl[];
  /** Share of cause pairs that a patch of the whole activation at a hook changes, by attribute. */
  readonly layers: readonly { readonly hook: string; readonly cause: Readonly<Record<string, number>> }[];
}

const controlsConfig = z.object({
  model: modelIdentitySchema,
  seed: z.number().int().nonnegative(),
  ...ravelConfig.pick({
    newTokens: true,
    epochs: true,
    lr: true,
    batch: true,
    masks: true,
    mdasEpochs: true,
    mdasLr: true,
    layerPairs: true,
  }).shape,
});

/** Edits that need no SAE: none, the whole activation, single neurons, a learned basis. Needs `pairs`. */
export const ravelControlsJob = defineJob({
  kind: "ravel-controls",
  version: 1,
  config: controlsConfig,
  cost: ravelControlsCost,
  run: async (config, context): Promise<RavelControlsResult> => {
    const ravel = await readRavelFolder(context.needs.pairs);
    const model = await openLanguageModel(config.model, context.local);
    const { attributes, prompts } = ravel.pairs;
    const control = (
      id: RavelControl["id"],
      label: string,
      valuesOf: (i: number) => ArrayLike<number>,
      edits: readonly AttributeEdits[] | null,
    ): RavelControl => ({
      id,
      label,
      disentanglement: scoresOf(attributes, (_, i) => valuesOf(i)).disentanglement.value,
      attributes: attributes.map((own, i) => ({
        ...summaryOf(own, valuesOf(i)),
        size: edits && edits[i].masks.reduce((sum, { size }) => sum + size, 0) / edits[i].masks.length,
        active: edits?.[i].active ?? null,
      })),
    });
    try {
      const { epochs, lr, batch, mdasEpochs, mdasLr } = config;
      const recipe = { epochs, lr, batch, firstTemperature: 1, lastTemperature: 1e-4 };
      const options: EditOptions = {
        recipe,
        keepError: false,
        masks: config.masks,
        randomMasks: 1,
        newTokens: config.newTokens,
        key: fold(ravelKey(config.seed), "masks"),
      };
      const edit = (featurizer: Featurizer, name: string, own: Partial<EditOptions>, from: number, to: number) =>
        maskEdits(model, ravel, featurizer, name, { ...options, ...own }, within(context, name, from, to));
      const { dModel } = ravel.activations;
      const single = await edit(neurons(dModel), "neurons", {}, 0, 0.35);
      const basis = await edit(
        rotatedBasis(dModel),
        "mdas",
        { recipe: { ...recipe, epochs: mdasEpochs, lr: mdasLr }, randomMasks: 0 },
        0.35,
        0.9,
      );
      return {
        controls: [
          control("unedited", "No edit", (i) => scoreUnedited(attributes[i].test, prompts), null),
          control("patched", "Whole activation of the source", (i) => single[i].every, null),
          control("neurons", "Neurons, learned mask", (i) => single[i].trained, single),
          control("mdas", "Learned basis (MDAS)", (i) => basis[i].trained, basis),
        ],
        layers: await patchedLayers(model, ravel.pairs, config, within(context, "patches", 0.9, 1)),
      };
    } finally {
      await model.close();
    }
  },
});

/** The context of a part of a job. */
const within = (context: JobContext, name: string, from: number, to: number): JobContext => ({
  ...context,
  report: ({ done, text }: JobProgress) =>
    context.report({ done: from + (to - from) * done, text: `${name}: ${text}` }),
});

/** Full patches after every block, kept when they are done. */
async function patchedLayers(
  model: LanguageModel,
  { attributes, prompts }: EditPairs,
  { layerPairs, newTokens }: z.infer<typeof controlsConfig>,
  { folder, local, report }: JobContext,
): Promise<RavelControlsResult["layers"]> {
  if (layerPairs === 0) return [];
  const path = join(folder, "layers.json");
  const kept = await readJson(path, { code: "corrupt_checkpoint", remedy: "delete it to patch again" });
  if (kept !== null) return kept as RavelControlsResult["layers"];
  const hooks = Array.from({ length: model.sizes.nLayers }, (_, layer) => `blocks.${layer}.hook_resid_post`);
  const pairs = attributes.flatMap(({ test }) => test.filter(({ kind }) => kind === "cause").slice(0, layerPairs));
  const patches = await patchAtHooks(model, hooks, pairs, prompts, {
    ...programOptions(local),
    newTokens,
    onHook: (done) => report({ done, text: `${Math.round(done * hooks.length)} of ${hooks.length} blocks` }),
  });
  const layers = patches.map(({ hook, scores }) => ({
    hook,
    cause: Object.fromEntries(
      attributes.map(({ attribute }) => {
        const own = pairs.flatMap(({ edited }, i) => (edited === attribute ? [scores[i]] : []));
        return [attribute, own.reduce((sum, score) => sum + score, 0) / own.length];
      }),
    ),
  }));
  await writeFileAtomic(path, JSON.stringify(layers));
  return layers;
}

/** A control of a finished job. */
export const controlOf = ({ controls }: RavelControlsResult, id: RavelControl["id"]): RavelControl | undefined =>
  controls.find((control) => control.id === id);
