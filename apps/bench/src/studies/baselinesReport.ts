import { groupThousands } from "../figures/numberText.js";
import { findVariant } from "../jobs/findByName.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { ReportCell, ReportSection, ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { comparisonFigures, differenceTable, verdicts } from "./comparison.js";
import { type Group, groupsOf } from "./comparisonGroups.js";
import { estimateOf, intervalBasis } from "./estimates.js";
import { explainedVarianceMeasure } from "./measure.js";
import type { Results } from "./study.js";
import { mean } from "./syntheticGroups.js";

/** Tables and figures of the comparison in reconstruction. */
export function baselinesSections(plan: BaselinesPlan, results: Results, about: string): ReportSection[] {
  const measure = explainedVarianceMeasure;
  const groups = groupsOf(plan, results, measure);
  if (groups.every(({ scores }) => scores.length === 0)) return [];
  const { seeds, recipe } = plan.options;
  const omitted = plan.omitted.length === 0 ? "" : ` Left out: ${plan.omitted.join("; ")}.`;
  const sizes = `${groupThousands(recipe.dSae)} latents, ${trainingBudget(plan)}.`;
  return [
    {
      heading: "Trained SAEs against random baselines",
      prose: [`${about} ${sizes} ${intervalBasis(seeds.length)}${omitted}`, ...verdicts(plan, groups, measure)],
      tables: [
        differenceTable(
          plan,
          groups,
          measure,
          " Controls are not in the paper: nothing learned but b_dec and the threshold (random), principal components (PCA), " +
            "the trained SAE with its decoder rows permuted (shuffled).",
        ),
        varianceTable(groups, results, seeds.length),
      ],
      figures: comparisonFigures(groups, measure),
    },
  ];
}

function trainingBudget({ runs, options }: BaselinesPlan): string {
  const trained = runs.find(({ condition }) => condition.role === "trained") ?? runs[0];
  const { batch, lr } = (trained.job.config as { recipe: { batch: number; lr: number } }).recipe;
  const { steps } = options.recipe;
  return `${groupThousands(steps * batch)} training samples (${groupThousands(steps)} steps of ${groupThousands(batch)}, learning rate ${lr})`;
}

function varianceTable(groups: readonly Group[], results: Results, seeds: number): ReportTable {
  return {
    caption: `Every architecture in every condition${seeds > 1 ? `, means over ${seeds} seeds` : ""}`,
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      { label: "Condition" },
      { label: "Explained variance" },
      { label: "Training rule", digits: 3 },
      { label: "L0", digits: 2 },
      { label: "L0, training rule", digits: 2 },
      { label: "Dead, %", digits: 1 },
      { label: "Dense, %", digits: 1 },
      { label: "Decoder cosine", digits: 3 },
    ],
    rows: groups.map(({ l0, variant, condition, runs, scores }): ReportCell[] => {
      const head = [l0, findVariant(variant).title, condition.title];
      const found = runs.flatMap(({ job }) => results.of<TrainJobResult>(job) ?? []);
      if (found.length === 0) return [...head, null, null, null, null, null, null, null];
      const average = (of: (result: TrainJobResult) => number) => mean(found.map(of));
      // Where nothing learns a threshold, one is calibrated for use, and there is no rule of training.
      const isCalibrated = condition.baseline.calibrate === true;
      return [
        ...head,
        estimateOf(scores),
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
