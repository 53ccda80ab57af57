import type { Tensor } from "@sae/core";
import type { SaeSizes } from "./defineSae.js";
import type { SaeWeights } from "./sae.js";

/** What a starting point may be made from. */
export interface StartArguments extends SaeSizes {
  /** Weights as every run of this seed starts (decoder rows drawn, encoder their transpose). */
  readonly drawn: SaeWeights;
  /** Mean [dModel] and centred covariance [dModel, dModel] of a sample of the (scaled) activations. */
  readonly moments: () => Promise<ActivationMoments>;
  /** The trained SAE of the same variant, recipe and seed; only for constraints that declare `needs: "trained"`. */
  readonly trained?: SaeWeights;
  readonly seed: number;
}

/** Mean [dModel] and centred covariance [dModel, dModel] of a sample of activations. */
export interface ActivationMoments {
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
  /** Rows of the sample. */
  readonly rows: number;
}

/**
 * What a baseline does to a training run: which parameters are frozen, what is projected after each step, where it starts. It never sees a
 * gradient, so it works with every variant.
 */
export interface Constraint {
  readonly name: string;
  /** Options of the baseline, part of what identifies a run. */
  readonly config?: Readonly<Record<string, unknown>>;
  /**
   * Parameters that keep their initial value: no update, no optimiser state, not in the clipped norm. "all" trains nothing. Names that only
   * other variants have, such as `threshold` of JumpReLU, are ignored; a name that no variant has is an error of `train`.
   */
  readonly frozen?: readonly string[] | "all" | { readonly allBut: readonly string[] };
  /**
   * Applied to a parameter after each step; both are stored with one row per latent. `initial` is its value before the first step, for W_dec with rows of
   * unit norm as `w` has them, however long they were. Names are treated like those of `frozen`.
   */
  readonly project?: Readonly<Record<string, (args: { w: Tensor; initial: Tensor }) => Tensor>>;
  /** Replaces parts of the starting weights. */
  readonly start?: (args: StartArguments) => Promise<Partial<SaeWeights>> | Partial<SaeWeights>;
  /** A number of latents of its own. */
  readonly width?: (sizes: SaeSizes) => number;
  readonly needs?: "trained";
  /** Calibrate one threshold to the target L0 whatever the variant's own inference rule or encoder (TopK's k is kept). */
  readonly calibrate?: boolean;
}

/** No constraint: the fully trained SAE. */
export const unconstrained: Constraint = { name: "trained" };
