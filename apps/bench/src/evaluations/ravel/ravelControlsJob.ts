import { join } from "node:path";
import { fold, SaeError, writeFileAtomic } from "@sae/core";
import {
  type AttributePairs,
  type EditPairs,
  type Featurizer,
  neurons,
  patchAtHooks,
  rotatedBasis,
  scoreUnedited,
} from "@sae/editing";
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
import { wholePatch } from "./wholePatch.js";

const labels = {
  unedited: "No edit",
  patched: "Whole activation of the source",
  neurons: "Neurons, learned mask",
  mdas: "Learned basis (MDAS)",
  layers: "Whole activation of the source after each block",
} as const;

/** An edit without an SAE, for comparison. */
export interface RavelControl {
  readonly id: Exclude<keyof typeof labels, "layers">;
  readonly label: string;
  /** Means over attributes, then over kinds of entities; older results have disentanglement, the mean of both, alone. */
  readonly cause?: number;
  readonly isolation?: number;
  readonly disentanglement: number;
  readonly attributes: readonly (EditSummary & {
    /** Features that a learned mask takes, mean over masks, of those that it can choose from; null without a mask. */
    readonly size: number | null;
    readonly active: number | null;
  })[];
}

/** What could not be made, and why. */
export interface FailedControl {
  readonly id: keyof typeof labels;
  readonly label: string;
  readonly code: string;
  readonly message: string;
}

/** What the job leaves in result.json. */
export interface RavelControlsResult {
  /** No edit always, and the others that could be made. */
  readonly controls: readonly RavelControl[];
  /** Older results do not have it: all of their controls could be made. */
  readonly failed?: readonly FailedControl[];
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

/** Edits that need no SAE: none, the whole activation, single neurons, a learned basis. One that fails does not stop the others. Needs `pairs`. */
export const ravelControlsJob = defineJob({
  kind: "ravel-controls",
  version: 1,
  config: controlsConfig,
  cost: ravelControlsCost,
  run: async (config, context): Promise<RavelControlsResult> => {
    const ravel = await readRavelFolder(context.needs.pairs);
    const { attributes, prompts } = ravel.pairs;
    const { dModel } = ravel.activations;
    // Nothing but the pairs is needed for it, and it is the floor of all scores.
    const unedited = controlFrom(
      attributes,
      "unedited",
      attributes.map(({ test }) => scoreUnedited(test, prompts)),
    );
    const { epochs, lr, batch, mdasEpochs, mdasLr, newTokens } = config;
    const recipe = { epochs, lr, batch, firstTemperature: 1, lastTemperature: 1e-4 };
    const options: EditOptions = {
      recipe,
      keepError: false,
      masks: config.masks,
      randomMasks: 0,
      newTokens,
      key: fold(ravelKey(config.seed), "masks"),
    };
    const model = await openLanguageModel(config.model, context.local);
    const failed: FailedControl[] = [];
    const attempt = async <Made>(id: FailedControl["id"], make: () => Promise<Made>): Promise<Made | null> => {
      try {
        return await make();
      } catch (error) {
        if (!(error instanceof SaeError) || ofFiles.includes(error.code)) throw error;
        failed.push({ id, label: labels[id], code: error.code, message: error.message });
        return null;
      }
    };
    const learned = (id: "neurons" | "mdas", featurizer: Featurizer, own: EditOptions, from: number, to: number) =>
      attempt(id, async () => {
        const edits = await maskEdits(model, ravel, featurizer, id, own, within(context, id, from, to));
        return controlFrom(
          attributes,
          id,
          edits.map(({ trained }) => trained),
          edits,
        );
      });
    try {
      const basisOptions = { ...options, recipe: { ...recipe, epochs: mdasEpochs, lr: mdasLr } };
      const controls = [
        unedited,
        await attempt("patched", async () =>
          controlFrom(attributes, "patched", await wholePatch(model, ravel, newTokens, context)),
        ),
        await learned("neurons", neurons(dModel), options, 0, 0.35),
        await learned("mdas", rotatedBasis(dModel), basisOptions, 0.35, 0.9),
      ];
      const layers = await attempt("layers", () =>
        patchedLayers(model, ravel.pairs, config, within(context, "patches", 0.9, 1)),
      );
      return { controls: controls.filter((control) => control !== null), failed, layers: layers ?? [] };
    } finally {
      await model.close();
    }
  },
});

/** Errors of files and of the disk: when these are put right, the job goes on. All others are what is to be said of the edit. */
const ofFiles = ["corrupt_checkpoint", "corrupt_result", "disk_full", "folder_not_found", "write_failed"];

/**
 * A control by what its edits scored.
 *
 * @param values of the test pairs of each attribute [attributes][pairs]
 * @param edits with the masks, where any were learned
 */
function controlFrom(
  attributes: readonly AttributePairs[],
  id: RavelControl["id"],
  values: readonly ArrayLike<number>[],
  edits: readonly AttributeEdits[] | null = null,
): RavelControl {
  const { cause, isolation, disentanglement } = scoresOf(attributes, (_, i) => values[i]);
  return {
    id,
    label: labels[id],
    cause: cause.value,
    isolation: isolation.value,
    disentanglement: disentanglement.value,
    attributes: attributes.map((own, i) => ({
      ...summaryOf(own, values[i]),
      size: edits && edits[i].masks.reduce((sum, { size }) => sum + size, 0) / edits[i].masks.length,
      active: edits?.[i].active ?? null,
    })),
  };
}

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
