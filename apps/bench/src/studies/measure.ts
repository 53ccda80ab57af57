import type { Metric } from "../figures/scorePoint.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { BaselinesRun } from "./baselinesPlan.js";
import type { Scored } from "./estimates.js";
import type { Results } from "./study.js";
import { varianceOf } from "./syntheticGroups.js";

/** A number that every SAE of a comparison can have: its name and definition for readers, and where it is found. */
export interface Measure {
  /** Name in files: `explained-variance`. */
  readonly id: string;
  readonly metric: Metric;
  /** Digits in tables. */
  readonly digits: number;
  /** Set where less is better, as for a loss. */
  readonly lessIsBetter?: boolean;
  /** Which figures of the paper show it, in bars and against L0. */
  readonly figures: { readonly bars: string; readonly byL0: string };
  /** The score of one SAE; null while it is not known. */
  of(run: BaselinesRun, results: Results): Scored | null;
}

/** Eq. 5 of arXiv 2602.14111, under the rule for use. */
export const explainedVarianceMeasure: Measure = {
  id: "explained-variance",
  metric: {
    label: "Explained variance",
    definition:
      "1 − E‖x − x̂‖² / E‖x − E[x]‖² on held-out activations, under the rule for use; 0 is what the mean explains",
    least: -0.5,
  },
  digits: 3,
  figures: { bars: "Figures 1 and 10, first panel", byL0: "Figure 4" },
  of: ({ job }, results) => {
    const result = results.of<TrainJobResult>(job);
    return result && varianceOf(result);
  },
};
