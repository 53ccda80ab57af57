import { type Cost, costOf, inTurn, processBytes } from "../../costs/cost.js";
import type { SaeSizes, SiteSizes } from "../siteSizes.js";
import type { RavelConfig } from "./ravelConfig.js";

/** Tokens of a prompt, about: RAVEL's sentences have 10 to 30. */
const promptTokens = 20;
/** Attributes of a kind of entities, where the config names none: SAEBench's. */
const usualAttributes = 3;
/** A gradient takes twice its forward pass. */
const withGradient = 3;
/** Prompts that the model reads at once. */
const promptsAtOnce = 32;

/** Sizes of the edits: what the config of the job that draws pairs says. */
export interface EditSizes {
  readonly entityTypes: readonly string[];
  readonly attributes: readonly string[];
  readonly trainPairs: number;
  readonly testPairs: number;
}

const attributesOf = ({ entityTypes, attributes }: Pick<EditSizes, "entityTypes" | "attributes">): number =>
  attributes.length || entityTypes.length * usualAttributes;

/** Operations for a text of what lies behind some place of the model: logits are made for one position. */
function flopsOfText(flopsPerToken: number, { dModel, dVocab }: SiteSizes): number {
  const logits = 2 * dModel * dVocab;
  return promptTokens * (flopsPerToken - logits) + logits;
}

/** Completions of so many prompts: a pass over each, and for every further token one of that token alone, which reads all weights. */
function completions(prompts: number, newTokens: number, sizes: SiteSizes): Cost {
  const { whole, dVocab } = sizes;
  const further = newTokens - 1;
  const batches = Math.ceil(prompts / promptsAtOnce);
  const logitBytes = prompts * newTokens * 4 * dVocab;
  return costOf({
    flops: prompts * (flopsOfText(whole.flopsPerToken, sizes) + further * whole.flopsPerToken),
    passBytes: logitBytes + batches * further * whole.weightBytes,
    feedBytes: whole.weightBytes + batches * newTokens * whole.fedBytes,
    resultBytes: logitBytes,
    memoryBytes: processBytes + whole.weightBytes,
  });
}

/** Training of masks through what of the model lies behind the hook. */
function maskTraining(steps: number, batch: number, features: number, sizes: SiteSizes): Cost {
  const { prefix, whole, dModel } = sizes;
  const suffix = flopsOfText(whole.flopsPerToken - prefix.flopsPerToken, sizes);
  const basis = 2 * dModel * features;
  return costOf({
    flops: steps * batch * withGradient * (suffix + 2 * basis),
    passBytes: steps * 12 * 4 * features,
    feedBytes: whole.weightBytes + steps * whole.fedBytes,
    memoryBytes: processBytes + whole.weightBytes + 3 * 4 * basis,
    // The model that completes, and what of it lies behind the hook in the program that learns.
    copyBytes: whole.weightBytes - prefix.weightBytes,
  });
}

/** Cost of finding out what a model knows. */
export function ravelPairsCost(
  config: Pick<RavelConfig, "entityTypes" | "attributes" | "candidates" | "templates" | "newTokens">,
  sizes: SiteSizes,
): Cost {
  const { candidates, templates, newTokens } = config;
  const prompts = candidates * templates * attributesOf(config); // of an entity's own side
  return inTurn(completions(prompts, newTokens, sizes), { diskBytes: prompts * 4 * sizes.dModel });
}

type MaskConfig = Pick<RavelConfig, "epochs" | "batch" | "masks" | "newTokens">;

/** Cost of masks over an SAE's latents: training them, and the edits that they are compared with. */
export function ravelCost(
  { epochs, batch, masks, newTokens, randomMasks }: MaskConfig & Pick<RavelConfig, "randomMasks">,
  sizes: SaeSizes & EditSizes,
): Cost {
  const attributes = attributesOf(sizes);
  const steps = masks * attributes * epochs * Math.ceil((2 * sizes.trainPairs) / batch);
  // Each learned mask, as many random ones of its size, the reconstruction alone and every latent.
  const edits = masks * (1 + randomMasks) + 2;
  return inTurn(
    // Latents of every prompt once; a step reads those that are active.
    costOf({ flops: 2 * attributes * 2 * (sizes.trainPairs + sizes.testPairs) * 2 * sizes.dModel * sizes.dSae }),
    maskTraining(steps, batch, sizes.l0, sizes),
    completions(attributes * edits * 2 * sizes.testPairs, newTokens, sizes),
    { memoryBytes: processBytes + sizes.whole.weightBytes + 2 * 4 * sizes.dModel * sizes.dSae },
  );
}

/** Cost of the edits that need no SAE: neurons, a learned basis that is made orthogonal after every step, patches after every block. */
export function ravelControlsCost(
  {
    epochs,
    batch,
    masks,
    newTokens,
    mdasEpochs,
    layerPairs,
  }: MaskConfig & Pick<RavelConfig, "mdasEpochs" | "layerPairs">,
  sizes: SiteSizes & EditSizes,
): Cost {
  const { dModel, nLayers, trainPairs, testPairs } = sizes;
  const attributes = attributesOf(sizes);
  const stepsOf = (rounds: number) => masks * attributes * rounds * Math.ceil((2 * trainPairs) / batch);
  const orthogonal = 4 * dModel ** 3;
  return inTurn(
    maskTraining(stepsOf(epochs), batch, 1, sizes),
    maskTraining(stepsOf(mdasEpochs), batch, dModel, sizes),
    costOf({ flops: stepsOf(mdasEpochs) * orthogonal }),
    // The whole activation, learned neurons, the learned basis.
    completions(attributes * 3 * 2 * testPairs, newTokens, sizes),
    completions(attributes * layerPairs * nLayers, newTokens, sizes),
  );
}
