import { unitScores } from "@sae/metrics";
import { z } from "zod";
import { findVariant } from "../jobs/findByName.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { ReportCell, ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "../studies/baselinesPlan.js";
import { conditionGroups } from "../studies/comparisonGroups.js";
import type { Results } from "../studies/study.js";
import { mean } from "../studies/syntheticGroups.js";
import { defineEvaluation } from "./evaluation.js";

/** Explained variance of held-out activations: training has measured it, so that there is no job of its own. */
export const reconstruction = defineEvaluation({
  id: "reconstruction",
  title: "Reconstruction",
  config: z.strictObject({}),
  prepare: () => ({}),
  evaluate: (_site, _config, _prepared, sae) => sae,
  scores: (result) => ({ "explained-variance": varianceScores(result as TrainJobResult) }),
  measures: [
    {
      id: "explained-variance",
      label: "Explained variance",
      definition:
        "1 − E‖x − x̂‖² / E‖x − E[x]‖² on held-out activations, under the rule for use; 0 is what the mean explains",
      digits: 3,
      floor: () => ({ label: "mean", value: 0 }),
      smallestEffect: 0.01,
      pairing: "units",
      least: -0.5,
      figures: { bars: "Figures 1 and 10, first panel", byL0: "Figure 4" },
    },
  ],
  sections: ({ plan, results }) => [
    { heading: "Reconstruction and sparsity of every SAE", tables: [everyCondition(plan, results)] },
  ],
});

/**
 * Units are equal parts of the held-out rows. Each is moved by the same small number, so that their mean is the explained variance of all
 * rows, which is no mean of parts: every part has a mean activation of its own.
 */
function varianceScores({ inference }: TrainJobResult) {
  const { explainedVariance, explainedVarianceParts: parts } = inference;
  const shift = explainedVariance - mean(parts);
  return unitScores(parts.map((part, i) => ({ id: `part ${i}`, value: part + shift })));
}

/** What training measured of every condition, means over seeds. */
function everyCondition(plan: BaselinesPlan, results: Results): ReportTable {
  return {
    caption: "Every architecture in every condition, means over seeds",
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      { label: "Condition" },
      { label: "Explained variance", digits: 3 },
      { label: "Training rule", digits: 3 },
      { label: "L0", digits: 2 },
      { label: "L0, training rule", digits: 2 },
      { label: "Dead, %", digits: 1 },
      { label: "Dense, %", digits: 1 },
      { label: "Decoder cosine", digits: 3 },
    ],
    rows: conditionGroups(plan).map(({ l0, variant, condition, runs }): ReportCell[] => {
      const head = [l0, findVariant(variant).title, condition.title];
      const found = runs.flatMap(({ job }) => results.of<TrainJobResult>(job) ?? []);
      if (found.length === 0) return [...head, ...Array<null>(7).fill(null)];
      const average = (of: (result: TrainJobResult) => number) => mean(found.map(of));
      // Where nothing learns a threshold, one is calibrated for use, and there is no rule of training.
      const isCalibrated = condition.baseline.calibrate === true;
      return [
        ...head,
        average(({ inference }) => inference.explainedVariance),
        isCalibrated ? null : average(({ training }) => training.explainedVariance),
        average(({ inference }) => inference.l0),
        isCalibrated ? null : average(({ training }) => training.l0),
        100 * average(({ inference }) => inference.dead),
        100 * average(({ inference }) => inference.dense),
        // A decoder that starts somewhere else than at the random draw has nowhere to have drifted from.
        condition.baseline.drawn ? average(({ drift }) => drift.mean) : null,
      ];
    }),
    note:
      "Explained variance, L0, dead and dense under the rule for use; the training rule chooses within the batch where the architecture does. " +
      "Decoder cosine: mean over the rows of the cosine with the initial row.",
  };
}
