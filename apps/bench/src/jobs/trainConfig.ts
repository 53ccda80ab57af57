import { recipeSchema } from "@sae/autoencoders";
import { z } from "zod";
import { dataSchema } from "./dataSource.js";

/** All that the result of a training run depends on. */
export const trainConfig = z.object({
  data: dataSchema,
  variant: z.string(),
  variantConfig: z.object({ l0: z.number().positive() }).loose(),
  baseline: z.string().default("trained"),
  baselineConfig: z.record(z.string(), z.unknown()).default({}),
  recipe: recipeSchema,
  /** Files of the user's that define the architecture or the baseline, by content; the packages' own need none. */
  variantFile: z.object({ sha256: z.string() }).optional(),
  baselineFile: z.object({ sha256: z.string() }).optional(),
  /** Starting weights instead of the random draw: a file, by content. */
  initial: z.object({ sha256: z.string() }).optional(),
  logEvery: z.number().int().positive().default(100),
  /** Shares of the steps at which drift, EV and recovery are measured on the way. */
  snapshots: z.array(z.number().gt(0).max(1)).default([]),
  /** Held-out rows for the final evaluation, for each snapshot, and for the threshold at inference. */
  evaluationRows: z.number().int().positive().default(131_072),
  snapshotRows: z.number().int().positive().default(16_384),
  calibrationRows: z.number().int().positive().optional(),
});
export type TrainConfig = z.infer<typeof trainConfig>;
