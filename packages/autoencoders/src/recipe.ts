import { z } from "zod";

/** Activations without firing are counted up to here: float32 counts are exact up to 2²⁴. */
export const longestCount = 16e6;

/** Every choice of a training run that is not the variant's or the baseline's own. Defaults are the study's pinned recipe. */
export const recipeSchema = z.strictObject({
  dSae: z.number().int().positive().describe("number of latents"),
  steps: z.number().int().nonnegative().describe("optimiser steps"),
  batch: z.number().int().positive().default(4096).describe("activations per step"),
  seed: z
    .number()
    .int()
    .nonnegative()
    .default(0)
    .describe("of the initial draw and the data order; shared by all variants and baselines of a study"),
  lr: z.number().positive().default(2e-4).describe("learning rate"),
  warmup: z.number().int().nonnegative().default(1000).describe("steps of linear learning-rate warm-up"),
  decay: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("share of the steps over which the learning rate falls to 0 at the end"),
  beta1: z.number().min(0).lt(1).default(0.9).describe("AdamW β₁"),
  beta2: z.number().min(0).lt(1).default(0.999).describe("AdamW β₂"),
  eps: z.number().positive().default(1e-8).describe("AdamW ε"),
  weightDecay: z.number().nonnegative().default(0).describe("AdamW weight decay"),
  clip: z.number().positive().default(1).describe("largest total norm of the gradients of trainable parameters"),
  scale: z
    .enum(["none", "rms"])
    .default("rms")
    .describe(
      "rms: train on activations divided by √(mean ‖x‖²) of the first 100 batches, and fold it back when saving",
    ),
  init: z
    .enum(["iso", "cov"])
    .default("iso")
    .describe("random decoder rows: uniform on the sphere, or Gaussian with the activations' covariance, normalised"),
  aux: z
    .number()
    .nonnegative()
    .default(1 / 32)
    .describe("weight of the auxiliary loss on dead latents"),
  kAux: z
    .number()
    .int()
    .positive()
    .optional()
    .describe("dead latents used per input by the auxiliary loss; d_model / 2 when left out"),
  deadTokens: z
    .number()
    .positive()
    .max(longestCount, {
      error: ({ input }) =>
        `needed at most ${longestCount}, as far as activations without firing are counted, got ${input}; set aux to 0 to leave dead latents alone`,
    })
    .optional()
    .describe("a latent is dead after so many activations without firing; min(10M, 5 % of the run) when left out"),
  l0Warmup: z.number().int().nonnegative().default(2000).describe("steps over which sparsity penalties rise from 0"),
});

/** Parsed recipe. */
export type Recipe = z.infer<typeof recipeSchema>;

/** Recipe as a caller writes it: what has a default may be left out. */
export type RecipeInput = z.input<typeof recipeSchema>;

/** Activations without firing after which a latent counts as dead. */
export const deadAfter = (recipe: Recipe): number =>
  recipe.deadTokens ?? Math.min(10e6, 0.05 * recipe.steps * recipe.batch);
