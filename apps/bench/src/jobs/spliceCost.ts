import type { ForwardCost } from "@sae/models";
import { type Cost, costOf, processBytes } from "../costs/cost.js";

/** What the cost of losses in a language model depends on. */
export interface SpliceSizes {
  readonly dModel: number;
  readonly dVocab: number;
  /** The model up to the hook, and to its logits. */
  readonly prefix: ForwardCost;
  readonly whole: ForwardCost;
  /** Contexts kept for evaluation, and tokens of each. */
  readonly contexts: number;
  readonly nCtx: number;
  /** Latents of the SAE that is spliced in. */
  readonly dSae?: number;
}

/** Contexts that the model reads at once. */
export const contextsAtOnce = 4;
/** Of logits, their probabilities and their logarithms, of the clean model and of the other. */
const vocabularyTensors = 6;

/**
 * Cost of comparing the model with so many others of its own: a prefix, and for each of them two suffixes, its own and the clean one that its KL divergence is
 * measured from.
 */
function lossesCost(
  comparisons: number,
  { dModel, dVocab, prefix, whole, contexts, nCtx, dSae = 0 }: SpliceSizes,
): Cost {
  const tokens = contexts * nCtx;
  const atOnce = Math.min(contexts, contextsAtOnce) * nCtx;
  const suffix = whole.flopsPerToken - prefix.flopsPerToken;
  const batches = Math.ceil(contexts / contextsAtOnce);
  const saeBytes = 8 * dModel * dSae;
  return costOf({
    flops: tokens * (prefix.flopsPerToken + 2 * comparisons * suffix + 2 * dModel * dSae),
    passBytes: tokens * (comparisons * vocabularyTensors * 4 * dVocab + 8 * dSae),
    scalarOps: 2 * comparisons * tokens * dModel,
    feedBytes:
      prefix.weightBytes +
      whole.weightBytes +
      saeBytes +
      batches * (prefix.fedBytes + comparisons * whole.fedBytes) +
      (1 + 2 * comparisons) * 4 * tokens * dModel,
    resultBytes: 4 * tokens * dModel * 2,
    memoryBytes: processBytes + whole.weightBytes + saeBytes + vocabularyTensors * 4 * atOnce * dVocab,
  });
}

/** Cost of the clean model and two ablations; the clean one is compared with itself. */
export const ablationCost = (sizes: SpliceSizes): Cost => lossesCost(3, sizes);

/** Cost of one SAE in the model. */
export const spliceCost = (sizes: SpliceSizes): Cost => lossesCost(1, sizes);
