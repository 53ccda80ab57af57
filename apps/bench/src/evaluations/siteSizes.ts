import type { ForwardCost } from "@sae/models";
import type { Job } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import type { EvaluationSite } from "./evaluation.js";

/** What the costs of a site's evaluations depend on. */
export interface SiteSizes {
  readonly dModel: number;
  readonly dVocab: number;
  readonly nLayers: number;
  /** The model up to the hook, and to its logits. */
  readonly prefix: ForwardCost;
  readonly whole: ForwardCost;
  /** Rows of the harvest; undefined where all that the texts give is taken. */
  readonly rows: number | undefined;
  /** Contexts kept for evaluation, and tokens of each. */
  readonly contexts: number;
  readonly nCtx: number;
}

/** Sizes of a site with those of an SAE. */
export interface SaeSizes extends SiteSizes {
  readonly dSae: number;
  /** Active latents of an activation. */
  readonly l0: number;
}

/** The `sizes` of a job of a site, where they are known. */
export const sizesOf = ({ sizes }: EvaluationSite): { readonly sizes?: () => SiteSizes } =>
  sizes === undefined ? {} : { sizes };

/** The `sizes` of a job that evaluates what a training job leaves. */
export function saeSizesOf({ sizes }: EvaluationSite, sae: Job): { readonly sizes?: () => SaeSizes } {
  const { recipe, variantConfig } = sae.config as TrainConfig;
  return sizes === undefined ? {} : { sizes: () => ({ ...sizes(), dSae: recipe.dSae, l0: variantConfig.l0 }) };
}
