import { unitScores } from "@sae/metrics";
import { z } from "zod";
import type { TrainJobResult } from "../jobs/trainJob.js";
import { definitions } from "../report/definitions.js";
import type { ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "../studies/baselinesPlan.js";
import type { ConditionGroup } from "../studies/comparisonGroups.js";
import type { Results } from "../studies/study.js";
import { mean } from "../studies/syntheticGroups.js";
import { defineEvaluation } from "./evaluation.js";
import { type EveryCondition, everyCondition, meanColumn } from "./everyCondition.js";

/** Explained variance of held-out activations: training has measured it, so that there is no job of its own. */
export const reconstruction = defineEvaluation({
  id: "reconstruction",
  title: "Reconstruction",
  config: z.strictObject({}),
  prepare: () => ({}),
  evaluate: (_site, _config, _prepared, sae) => sae,
  scores: (result) => ({ "explained-variance": varianceScores(result as TrainJobResult) }),
  measures: () => [
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
    { heading: "Reconstruction and sparsity of every SAE", tables: [reconstructionTable(plan, results)] },
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
const reconstructionTable = (plan: BaselinesPlan, results: Results): ReportTable =>
  everyCondition<TrainJobResult>(plan, {
    caption: "Every architecture in every condition, means over seeds",
    found: ({ job }) => results.of<TrainJobResult>(job) ?? [],
    columns: [
      meanColumn("Explained variance", 3, ({ inference }) => inference.explainedVariance),
      ruleColumn("Training rule", 3, ({ training }) => training.explainedVariance),
      meanColumn("L0", 2, ({ inference }) => inference.l0),
      ruleColumn("L0, training rule", 2, ({ training }) => training.l0),
      meanColumn("Dead, %", 1, ({ inference }) => 100 * inference.dead, definitions.dead),
      meanColumn("Dense, %", 1, ({ inference }) => 100 * inference.dense, definitions.dense),
      // A decoder that starts somewhere else than at the random draw has nowhere to have drifted from.
      only(
        ({ condition }) => condition.baseline.drawn,
        meanColumn("Decoder cosine", 3, ({ drift }) => drift.mean),
      ),
    ],
    note:
      "Explained variance, L0, dead and dense under the rule for use; the training rule chooses within the batch where the architecture does. " +
      "Where the rule for use is a calibrated threshold, it was chosen on the first of the same held-out rows: its L0 is near the target by construction. " +
      "Decoder cosine: mean over the rows of the cosine with the initial row.",
  });

type Column = EveryCondition<TrainJobResult>["columns"][number];

/** A column with cells in some rows only. */
const only = (shows: (group: ConditionGroup) => boolean, column: Column): Column => ({
  ...column,
  cell: (found, group) => (shows(group) ? column.cell(found, group) : null),
});

/** Where nothing learns a threshold, one is calibrated for use, and there is no rule of training. */
const ruleColumn = (label: string, digits: number, of: (result: TrainJobResult) => number): Column =>
  only(({ condition }) => condition.baseline.calibrate !== true, meanColumn(label, digits, of));
