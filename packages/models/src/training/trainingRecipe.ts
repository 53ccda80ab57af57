import { z } from "zod";

const count = z.number().int().positive();

/** How a language model is trained. */
export const trainingRecipe = z.strictObject({
  /** Optimiser steps. */
  steps: count,
  /** Contexts of a step: `shards` · `pieces` · `rows`. */
  shards: count.default(1).describe("parts of a step whose gradients may be computed at once, on different cores"),
  pieces: count.default(1).describe("parts of a shard, one after another"),
  rows: count.default(8).describe("contexts of a piece, computed at once"),
  nCtx: count.describe("tokens of a context"),
  lr: z.number().positive(),
  warmup: z.number().int().nonnegative().default(0).describe("steps over which the learning rate rises"),
  decay: z.number().min(0).max(1).default(0).describe("share of the steps, at the end, over which it falls to zero"),
  beta1: z.number().min(0).lt(1).default(0.9),
  beta2: z.number().min(0).lt(1).default(0.95),
  eps: z.number().positive().default(1e-8),
  weightDecay: z.number().nonnegative().default(0.1).describe("of matrices; biases and norms have none"),
  clip: z.number().positive().default(1).describe("largest norm of the gradient"),
  initialScale: z.number().positive().default(0.02).describe("standard deviation of the first matrices"),
  seed: z.number().int().nonnegative().default(0),
});

/** A recipe with its defaults filled in. */
export type TrainingRecipe = z.output<typeof trainingRecipe>;
/** A recipe as it is written down. */
export type TrainingRecipeInput = z.input<typeof trainingRecipe>;

/** Contexts of one step. */
export const contextsOf = ({ shards, pieces, rows }: TrainingRecipe): number => shards * pieces * rows;
