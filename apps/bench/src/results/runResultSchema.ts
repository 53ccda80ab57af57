import { z } from "zod";

/** A number that may have been not finite, which JSON knows as null. */
const number = z.number().nullable();
const share = number;
const count = z.int().nonnegative();

const rule = z
  .object({
    explainedVariance: number.describe("1 − Σ‖x − x̂‖² / Σ‖x − mean(x)‖² over all rows: Eq. 5 of arXiv 2602.14111"),
    explainedVarianceLegacy: number.describe("mean over rows of 1 − ‖x − x̂‖² / ‖x − mean(x)‖², as SAEBench plots it"),
    mse: number.describe("mean over rows and dimensions of (x − x̂)²"),
    l0: number.describe("mean number of active latents of a row"),
    dead: share.describe("share of the latents that are active on none of these rows"),
    dense: share.describe("share of the latents that are active on more than 10 % of these rows"),
    rows: count.describe("held-out rows that this was measured on"),
  })
  .meta({ id: "Rule", description: "How well the SAE reconstructs under one rule for which latents are active" });

const drift = z
  .object({
    mean: number.describe("mean over decoder rows of the cosine with their own initial row"),
    fractionAtLeastTau: share.describe("share of the decoder rows for which that cosine is at least 0.8"),
  })
  .meta({ id: "Drift", description: "How far decoder rows turned from their random start" });

const recovered = z.object({
  threshold: z.number(),
  count: count.describe("true features whose best latent has a signed cosine above the threshold (Eq. 6)"),
});

/**
 * What results.json holds of a training job: its result.json without parts, histograms and curves, which stay in the job's folder. Parsing a result
 * makes it.
 */
export const runResultSchema = z
  .object({
    inference: rule.describe("under the rule for use: thresholds, no look at the rest of the batch"),
    training: rule.describe("under the rule of training"),
    drift,
    recovery: z
      .object({
        features: count.describe("true features there are"),
        recovered: z.array(recovered),
        meanBestCosine: number.describe(
          "mean over true features of the largest signed cosine with a decoder row (Eq. 6)",
        ),
        mcc: number.describe("mean |cosine| of the best one-to-one matching of features and latents"),
        uniqueness: share.describe("distinct best features of the latents, as a share of the latents"),
      })
      .nullable()
      .describe("how many of the true features the SAE found; null where they are not known"),
    snapshots: z
      .array(
        z.object({
          step: count,
          samples: count.describe("activations seen until then"),
          explainedVariance: number.describe("under the rule of training, on held-out rows"),
          l0: number,
          drift,
          recovered: z.array(recovered).nullable(),
          meanBestCosine: number,
        }),
      )
      .describe("what was measured on the way, by step"),
    dSae: count.describe("latents there are: PCA has fewer than were asked for"),
    scale: number.describe("what activations are divided by before training"),
    calibratedThreshold: number.describe(
      "of the activation of a latent at inference, on raw activations; null where none was calibrated",
    ),
  })
  .meta({ id: "RunResult", description: "What training measured. Null stands for a number that is not finite" });
