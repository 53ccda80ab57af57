import type { Interval } from "@sae/metrics";
import { baselineBars } from "../figures/baselineBars.js";
import { decimal } from "../figures/numberText.js";
import { scoreByL0 } from "../figures/scoreByL0.js";
import { axisLabel, type ScorePoint } from "../figures/scorePoint.js";
import { findVariant } from "../jobs/findByName.js";
import type { ReportCell, ReportFigure, ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { bestOf, type Group, scoreOf } from "./comparisonGroups.js";
import { differenceOf, estimateOf } from "./estimates.js";
import type { Measure } from "./measure.js";

/** The groups of one architecture at one target: the trained SAE, the best baseline, the best control. */
function opponents(groups: readonly Group[], variant: string, l0: number, measure: Measure) {
  const own = groups.filter((group) => group.l0 === l0 && group.variant === variant);
  const inRole = (role: string) => own.filter(({ condition }) => condition.role === role);
  return {
    trained: inRole("trained").find(({ scores }) => scores.length > 0) ?? null,
    baseline: bestOf(inRole("baseline"), measure),
    control: bestOf(inRole("control"), measure),
  };
}

/** The paired difference trained − opponent, over the seeds that both have. */
function advantage(trained: Group, opponent: Group): Interval | null {
  const seedsOf = ({ runs }: Group) => runs.map(({ seed }) => seed);
  const shared = seedsOf(trained).filter((seed) => seedsOf(opponent).includes(seed));
  const of = (group: Group) => shared.map((seed) => group.scores[seedsOf(group).indexOf(seed)]);
  return shared.length === 0 ? null : differenceOf(of(trained), of(opponent));
}

/** What a trained SAE has over the strongest baseline and the strongest control, for every architecture and target. */
export function differenceTable(
  { options }: BaselinesPlan,
  groups: readonly Group[],
  measure: Measure,
  note = "",
): ReportTable {
  const { digits, metric, lessIsBetter } = measure;
  const rows = options.l0s.flatMap((l0) =>
    options.variants.map((variant): ReportCell[] => {
      const { trained, baseline, control } = opponents(groups, variant, l0, measure);
      const head = [l0, findVariant(variant).title];
      if (trained === null) return [...head, ...Array<null>(7).fill(null)];
      const against = (group: Group | null): ReportCell[] =>
        group ? [group.condition.title, scoreOf(group), advantage(trained, group)] : [null, null, null];
      return [...head, scoreOf(trained), ...against(baseline), ...against(control)];
    }),
  );
  return {
    caption: `${metric.label}: fully trained minus the best random baseline`,
    columns: [
      { label: "L0" },
      { label: "Architecture" },
      { label: "Trained", digits },
      { label: "Best baseline" },
      { label: "Its score", digits },
      { label: "Trained − baseline" },
      { label: "Best control" },
      { label: "Its score", digits },
      { label: "Trained − control" },
    ],
    rows,
    note: `${metric.definition ? `${metric.definition}. ` : ""}${lessIsBetter ? "Less is better. " : ""}Paired by seed (one seed: by held-out part). The best baseline and control are chosen by their mean, so each difference is to the strongest of several opponents.${note}`,
  };
}

/** What the numbers say, in a sentence for each target. */
export function verdicts({ options }: BaselinesPlan, groups: readonly Group[], measure: Measure): string[] {
  return options.l0s.flatMap((l0) => {
    const parts = options.variants.flatMap((variant) => {
      const { trained, baseline } = opponents(groups, variant, l0, measure);
      const difference = trained && baseline && advantage(trained, baseline);
      if (!difference || !baseline) return [];
      const { mean: gain, low, high } = difference;
      const isClear = low !== null && high !== null && (measure.lessIsBetter ? high < 0 : low > 0);
      return [
        `${findVariant(variant).title} ${signed(gain, measure.digits)} (${baseline.condition.title.toLowerCase()}${isClear ? "" : ", not clear of 0"})`,
      ];
    });
    if (parts.length === 0) return [];
    return [`**${measure.metric.label}, trained minus best baseline, L0 ${l0}.** ${parts.join("; ")}.`];
  });
}

const signed = (value: number, digits: number): string => `${value < 0 ? "" : "+"}${decimal(value, digits)}`;

const pointOf = ({ variant, condition, l0, scores }: Group): ScorePoint => ({
  architecture: variant,
  condition: condition.id,
  l0,
  score: estimateOf(scores),
});

const recordsOf = (points: readonly ScorePoint[]) =>
  points.map(({ architecture, condition, l0, score: { mean, low, high } }) => ({
    architecture,
    condition,
    l0,
    score: mean,
    low,
    high,
  }));

/** Bars for every condition, and, where there are several targets, the lines against L0. */
export function comparisonFigures(groups: readonly Group[], measure: Measure): ReportFigure[] {
  const { id, metric, figures } = measure;
  const finished = groups.filter(({ scores }) => scores.length > 0);
  const points = finished.map(pointOf);
  const bars: ReportFigure = {
    id: `${id}-bars`,
    caption: `${metric.label} of the trained SAE beside every baseline (${figures.bars} of the paper).`,
    svg: baselineBars({ metric, points }),
    data: recordsOf(points),
  };
  if (new Set(finished.map(({ l0 }) => l0)).size < 2) return [bars];
  const lines: ReportFigure = {
    id: `${id}-by-l0`,
    caption: `${metric.label.charAt(0).toUpperCase()}${axisLabel(metric).slice(1)} against sparsity (${figures.byL0} of the paper).`,
    svg: scoreByL0({ metric, points }),
    data: recordsOf(points),
  };
  return [bars, lines];
}
