import { metricBars } from "../figures/metricBars.js";
import { findVariant } from "../jobs/findByName.js";
import type { ReportFigure } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { pointsOf, recordsOf } from "./comparison.js";
import type { Judged } from "./contests.js";
import { mainTarget } from "./mainTarget.js";
import { metricOf } from "./measured.js";

/** The four metrics of the paper's first figure, by the ids of the measures; AutoInterp with either explainer. */
const headline = ["explained-variance", "autointerp-llm-accuracy", "autointerp-accuracy", "probing-top-1", "ravel"];

/** Which figure of the paper shows an architecture so. */
const ofThePaper: Readonly<Record<string, string>> = { batchtopk: "Figure 1", topk: "Figure 10" };

/** The paper's four metrics side by side, a figure for each architecture, at the main target. */
export function headlineFigures(
  { options }: Pick<BaselinesPlan, "options">,
  judged: readonly Judged[],
): ReportFigure[] {
  const l0 = mainTarget(options);
  const measured = headline.flatMap((id) => judged.find(({ measure }) => measure.id === id) ?? []);
  return options.variants.flatMap((variant): ReportFigure[] => {
    const scores = measured.flatMap((one) => {
      const points = pointsOf(one.groups.filter((group) => group.l0 === l0 && group.variant === variant));
      return points.length === 0 ? [] : [{ metric: metricOf(one), points }];
    });
    if (scores.length < 2) return [];
    const { title } = findVariant(variant);
    const number = ofThePaper[variant];
    return [
      {
        id: `headline-${variant}`,
        caption: `${title}, target L0 ${l0}: trained beside every baseline, in each metric${number ? ` (${number} of the paper)` : ""}.`,
        drawing: metricBars({ title: `${title}, target L0 ${l0}`, scores }),
        data: scores.flatMap(({ metric, points }) =>
          recordsOf(points).map((record) => ({ metric: metric.label, ...record })),
        ),
        definition: scores.map(({ metric }) => `${metric.label}: ${metric.definition}.`).join(" "),
      },
    ];
  });
}
