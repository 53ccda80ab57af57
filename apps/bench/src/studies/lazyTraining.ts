import { findVariant } from "../jobs/findByName.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { ReportCell, ReportSection } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { capBoundText } from "./capBoundText.js";
import { driftFigure, tau } from "./driftFigure.js";
import type { Results } from "./study.js";
import { mean, snapshotAt } from "./syntheticGroups.js";

/** How far the decoder of a trained SAE went from its random draw, on the way and at its end: appendix D of arXiv 2602.14111. */
export function lazyTrainingSections({ options, runs }: BaselinesPlan, results: Results): ReportSection[] {
  const { lazy, recipe, dModel } = options;
  if (lazy === undefined) return [];
  const found = runs
    .filter(({ condition, variant, l0 }) => condition.role === "trained" && variant === lazy.variant && l0 === lazy.l0)
    .flatMap(({ job }) => results.of<TrainJobResult>(job) ?? []);
  if (found.length === 0) return [];
  const of = `${findVariant(lazy.variant).title}, L0 ${lazy.l0}`;
  const { steps, dSae } = recipe;
  const onTheWay = lazy.shares.map((share): ReportCell[] => {
    const snapshots = found.flatMap((result) => snapshotAt(result, share, steps) ?? []);
    if (snapshots.length === 0) return [`${100 * share} %`, null, null, null];
    return [
      `${100 * share} %`,
      mean(snapshots.map(({ drift }) => drift.mean)),
      100 * mean(snapshots.map(({ drift }) => drift.fractionAtLeastTau)),
      mean(snapshots.map(({ explainedVariance }) => explainedVariance)),
    ];
  });
  const end: ReportCell[] = [
    "end",
    mean(found.map(({ drift }) => drift.mean)),
    100 * mean(found.map(({ drift }) => drift.fractionAtLeastTau)),
    mean(found.map(({ training }) => training.explainedVariance)),
  ];
  return [
    {
      heading: "Lazy training",
      prose: [
        `A decoder that hardly leaves its random draw and explains much of the variance reconstructs with that draw. The paper (JumpReLU, L0 160, Gemma-2-2B) finds most rows near a cosine of 1 after 5 % and 10 % of the steps, with 0.80 and 0.82 of the 0.86 of explained variance already there. ${capBoundText({ dModel, dSae })}`,
      ],
      tables: [
        {
          caption: `How far decoder rows turned from their random start: ${of}`,
          columns: [
            { label: "After" },
            {
              label: "Mean cosine",
              digits: 3,
              definition: "Mean over decoder rows of the cosine with the initial row.",
            },
            { label: `Rows ≥ ${tau}, %`, digits: 1, definition: `Share of the rows whose cosine is at least ${tau}.` },
            { label: "Explained variance", digits: 3 },
          ],
          rows: [...onTheWay, end],
          note: "Cosine of each decoder row with its own initial row; explained variance under the training rule.",
        },
      ],
      figures: driftFigure({
        id: "lazy-training",
        of,
        variant: lazy.variant,
        result: found[0],
        steps,
        shares: lazy.shares,
      }),
    },
  ];
}
