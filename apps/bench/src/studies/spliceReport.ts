import { decimal } from "../figures/numberText.js";
import type { Metric } from "../figures/scorePoint.js";
import { findVariant } from "../jobs/findByName.js";
import type { AblationJobResult, SpliceJobResult, SpliceMeans } from "../jobs/spliceJob.js";
import type { ReportCell, ReportSection, ReportTable } from "../report/report.js";
import type { BaselinesRun } from "./baselinesPlan.js";
import { comparisonFigures, differenceTable, verdicts } from "./comparison.js";
import { groupsOf } from "./comparisonGroups.js";
import { intervalBasis } from "./estimates.js";
import type { LlmPlan } from "./llmPlan.js";
import type { Measure } from "./measure.js";
import type { Results } from "./study.js";
import { mean } from "./syntheticGroups.js";

const ratioOf = (sums: readonly number[], positions: readonly number[]): number =>
  sums.reduce((total, sum) => total + sum, 0) / positions.reduce((total, count) => total + count, 0);

/** Cross entropy and KL divergence with each reconstruction in place of the activations: figures 12 and 13 of arXiv 2602.14111. */
export function spliceSections(plan: LlmPlan, results: Results): ReportSection[] {
  const floors = results.of<AblationJobResult>(plan.ablation);
  if (floors === null) return [];
  const { baselines, splices } = plan;
  const spliceOf = ({ job }: BaselinesRun): SpliceJobResult | null =>
    results.of<SpliceJobResult>(splices[baselines.runs.findIndex((run) => run.job === job)]);
  const clean = ratioOf(floors.clean, floors.positions);
  const zero = ratioOf(floors.zeroAblated, floors.positions);
  const average = ratioOf(floors.meanAblated, floors.positions);
  const measures = [crossEntropyMeasure(spliceOf, clean), klMeasure(spliceOf), recoveredMeasure(spliceOf)];
  const groups = measures.map((measure) => groupsOf(baselines, results, measure));
  if (groups[0].every(({ scores }) => scores.length === 0)) return [];
  const contexts = floors.positions.length;
  return [
    {
      heading: "Predictions with the reconstruction in place of the activations",
      prose: [
        `At ${plan.options.harvest.hook}, on ${contexts} contexts that no SAE was trained on. Cross entropy of the next token: clean ${decimal(clean, 3)} nats, activations replaced by their mean ${decimal(average, 3)}, by zero ${decimal(zero, 3)}. ` +
          `Special tokens keep their activations and are not counted. ${intervalBasis(plan.options.seeds.length)}`,
        ...measures.flatMap((measure, i) => verdicts(baselines, groups[i], measure)),
      ],
      tables: [
        ...measures.map((measure, i) => differenceTable(baselines, groups[i], measure)),
        everyCondition(plan, spliceOf),
      ],
      figures: measures.flatMap((measure, i) => comparisonFigures(groups[i], measure)),
    },
  ];
}

type SpliceOf = (run: BaselinesRun) => SpliceJobResult | null;

function measureOf(
  spliceOf: SpliceOf,
  value: (result: SpliceJobResult) => number,
  part: keyof SpliceMeans,
  rest: Omit<Measure, "of">,
): Measure {
  return {
    ...rest,
    of: (run) => {
      const result = spliceOf(run);
      return result && { value: value(result), parts: result.parts.map((means) => means[part]) };
    },
  };
}

const lossMetric = (label: string, definition: string, floor?: Metric["floor"]): Metric => ({
  label,
  definition,
  ...(floor && { floor }),
});

const crossEntropyMeasure = (spliceOf: SpliceOf, clean: number): Measure =>
  measureOf(spliceOf, ({ scores }) => scores.crossEntropy.spliced.mean, "crossEntropy", {
    id: "cross-entropy",
    metric: lossMetric("Cross entropy", "of the next token in nats with x̂ in place of x", {
      label: "clean",
      value: Number(clean.toFixed(3)),
    }),
    digits: 3,
    lessIsBetter: true,
    figures: { bars: "the data of Figure 12", byL0: "Figure 12" },
  });

const klMeasure = (spliceOf: SpliceOf): Measure =>
  measureOf(spliceOf, ({ scores }) => scores.klDivergence.spliced.mean, "klDivergence", {
    id: "kl-divergence",
    metric: lossMetric(
      "KL divergence",
      "from the clean model's next-token distribution in nats, with x̂ in place of x; 0 changes nothing",
    ),
    digits: 3,
    lessIsBetter: true,
    figures: { bars: "the data of Figure 13", byL0: "Figure 13" },
  });

const recoveredMeasure = (spliceOf: SpliceOf): Measure =>
  measureOf(spliceOf, ({ scores }) => scores.lossRecovered.meanAblated.mean, "lossRecovered", {
    id: "loss-recovered",
    metric: {
      label: "Loss recovered",
      definition: "(CE_mean − CE_sae) / (CE_mean − CE_clean), against the mean of the activations in place of x",
      floor: { label: "mean ablation", value: 0 },
      least: -0.5,
    },
    digits: 3,
    figures: { bars: "not in the paper", byL0: "not in the paper" },
  });

/** All numbers of every condition. */
function everyCondition({ baselines }: LlmPlan, spliceOf: SpliceOf): ReportTable {
  const { l0s, variants } = baselines.options;
  const rows = l0s.flatMap((l0) =>
    variants.flatMap((variant) => {
      const own = baselines.runs.filter((run) => run.l0 === l0 && run.variant === variant);
      const conditions = [...new Map(own.map(({ condition }) => [condition.id, condition])).values()];
      return conditions.map((condition): ReportCell[] => {
        const found = own.filter((run) => run.condition.id === condition.id).flatMap((run) => spliceOf(run) ?? []);
        const head = [l0, findVariant(variant).title, condition.title];
        if (found.length === 0) return [...head, ...Array<null>(6).fill(null)];
        const average = (of: (scores: SpliceJobResult["scores"]) => number) =>
          mean(found.map(({ scores }) => of(scores)));
        return [
          ...head,
          average(({ crossEntropy }) => crossEntropy.spliced.mean),
          average(({ klDivergence }) => klDivergence.spliced.mean),
          average(({ lossRecovered }) => lossRecovered.zeroAblated.mean),
          average(({ lossRecovered }) => lossRecovered.meanAblated.mean),
          average(({ klRecovered }) => klRecovered.zeroAblated.mean),
          average(({ klRecovered }) => klRecovered.meanAblated.mean),
        ];
      });
    }),
  );
  return {
    caption:
      "Every architecture in every condition: losses in nats, and the share of each ablation's damage that is avoided",
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      { label: "Condition" },
      { label: "Cross entropy", digits: 3 },
      { label: "KL", digits: 3 },
      { label: "CE recovered, zero", digits: 3 },
      { label: "CE recovered, mean", digits: 3 },
      { label: "KL recovered, zero", digits: 3 },
      { label: "KL recovered, mean", digits: 3 },
    ],
    rows,
    note: "Recovered: (ablated − spliced) / (ablated − clean); the clean model's KL is 0. 1 is as good as the activations, 0 as bad as the ablation.",
  };
}
