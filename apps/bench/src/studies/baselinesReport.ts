import type { Interval } from "@sae/metrics";
import { baselineBars } from "../figures/baselineBars.js";
import { decimal, groupThousands } from "../figures/numberText.js";
import { scoreByL0 } from "../figures/scoreByL0.js";
import type { ScorePoint } from "../figures/scorePoint.js";
import { findVariant } from "../jobs/findByName.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { ReportCell, ReportFigure, ReportSection, ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import type { Condition } from "./conditions.js";
import { differenceOf, estimateOf, intervalBasis } from "./estimates.js";
import type { Results } from "./study.js";
import { mean, varianceOf } from "./syntheticGroups.js";

/** What is known of one architecture in one condition at one target L0: the results of its seeds. */
interface Group {
  readonly l0: number;
  readonly variant: string;
  readonly condition: Condition;
  /** Finished seeds, and their results in the same order. */
  readonly seeds: readonly number[];
  readonly results: readonly TrainJobResult[];
}

const metric = {
  label: "Explained variance",
  definition:
    "1 − E‖x − x̂‖² / E‖x − E[x]‖² on held-out activations, under the rule for use; 0 is what the mean explains",
  least: -0.5,
};

/** Tables and figures of the comparison. */
export function baselinesSections(plan: BaselinesPlan, results: Results, about: string): ReportSection[] {
  const groups = groupsOf(plan, results);
  const finished = groups.filter((group) => group.results.length > 0);
  if (finished.length === 0) return [];
  const { seeds, l0s, recipe } = plan.options;
  const omitted = plan.omitted.length === 0 ? "" : ` Left out: ${plan.omitted.join("; ")}.`;
  const sizes = `${groupThousands(recipe.dSae)} latents, ${trainingBudget(plan)}.`;
  return [
    {
      heading: "Trained SAEs against random baselines",
      prose: [`${about} ${sizes} ${intervalBasis(seeds.length)}${omitted}`, ...verdicts(plan, groups)],
      tables: [differenceTable(plan, groups), varianceTable(groups, seeds.length)],
      figures: [barsFigure(finished), ...(l0s.length > 1 ? [byL0Figure(finished)] : [])],
    },
  ];
}

function groupsOf({ options, runs }: BaselinesPlan, results: Results): Group[] {
  const groups = new Map<string, Group & { seeds: number[]; results: TrainJobResult[] }>();
  for (const { job, variant, condition, l0, seed } of runs) {
    const name = JSON.stringify([l0, variant, condition.id]);
    const group = groups.get(name) ?? { l0, variant, condition, seeds: [], results: [] };
    groups.set(name, group);
    const result = results.of<TrainJobResult>(job);
    if (result === null) continue;
    group.seeds.push(seed);
    group.results.push(result);
  }
  const order = options.conditions.map(({ id }) => id);
  const rank = ({ condition }: Group) => (condition.role === "trained" ? -1 : order.indexOf(condition.id));
  const variantRank = ({ variant }: Group) => options.variants.indexOf(variant);
  return [...groups.values()].sort((a, b) => a.l0 - b.l0 || variantRank(a) - variantRank(b) || rank(a) - rank(b));
}

function trainingBudget({ runs, options }: BaselinesPlan): string {
  const trained = runs.find(({ condition }) => condition.role === "trained") ?? runs[0];
  const { batch, lr } = (trained.job.config as { recipe: { batch: number; lr: number } }).recipe;
  const { steps } = options.recipe;
  return `${groupThousands(steps * batch)} training samples (${groupThousands(steps)} steps of ${groupThousands(batch)}, learning rate ${lr})`;
}

/** What a trained SAE has over the strongest baseline, for every architecture and target. */
function differenceTable({ options }: BaselinesPlan, groups: readonly Group[]): ReportTable {
  const rows = options.l0s.flatMap((l0) =>
    options.variants.map((variant): ReportCell[] => {
      const own = groups.filter((group) => group.l0 === l0 && group.variant === variant);
      const trained = own.find(({ condition }) => condition.role === "trained");
      const best = bestOf(own.filter(({ condition }) => condition.role === "baseline"));
      const control = bestOf(own.filter(({ condition }) => condition.role === "control"));
      const head = [l0, findVariant(variant).title];
      if (!trained || trained.results.length === 0) return [...head, null, null, null, null, null, null, null];
      return [
        ...head,
        scoreOf(trained),
        ...(best ? [best.condition.title, scoreOf(best), advantage(trained, best)] : [null, null, null]),
        ...(control ? [control.condition.title, scoreOf(control), advantage(trained, control)] : [null, null, null]),
      ];
    }),
  );
  return {
    caption: "Explained variance: fully trained minus the best random baseline",
    columns: [
      { label: "L0" },
      { label: "Architecture" },
      { label: "Trained", digits: 3 },
      { label: "Best baseline" },
      { label: "Its EV", digits: 3 },
      { label: "Trained − baseline" },
      { label: "Best control" },
      { label: "Its EV", digits: 3 },
      { label: "Trained − control" },
    ],
    rows,
    note:
      "Paired by seed (one seed: by held-out part). The best baseline and control are chosen by their mean, so each difference is to the strongest of " +
      "several opponents. Controls are not in the paper: nothing learned but b_dec and the threshold (random), principal components (PCA), " +
      "the trained SAE with its decoder rows permuted (shuffled).",
  };
}

/** What the numbers say, in a sentence for each target. */
function verdicts({ options }: BaselinesPlan, groups: readonly Group[]): string[] {
  return options.l0s.flatMap((l0) => {
    const parts = options.variants.flatMap((variant) => {
      const own = groups.filter((group) => group.l0 === l0 && group.variant === variant);
      const trained = own.find(({ condition, results }) => condition.role === "trained" && results.length > 0);
      const best = bestOf(own.filter(({ condition }) => condition.role === "baseline"));
      const difference = trained && best && advantage(trained, best);
      if (!difference || !best) return [];
      const { mean: gain, low } = difference;
      const isClear = low !== null && low > 0;
      return [
        `${findVariant(variant).title} ${signed(gain)} (${best.condition.title.toLowerCase()}${isClear ? "" : ", not clear of 0"})`,
      ];
    });
    if (parts.length === 0) return [];
    return [`**Trained minus best baseline, L0 ${l0}.** ${parts.join("; ")}.`];
  });
}

const signed = (value: number): string => `${value < 0 ? "" : "+"}${decimal(value, 3)}`;

/** The paired difference, over the seeds that both have. */
function advantage(trained: Group, opponent: Group): Interval | null {
  const shared = trained.seeds.filter((seed) => opponent.seeds.includes(seed));
  const of = ({ seeds, results }: Group) => shared.map((seed) => varianceOf(results[seeds.indexOf(seed)]));
  return shared.length === 0 ? null : differenceOf(of(trained), of(opponent));
}

const scoreOf = ({ results }: Group): number => mean(results.map((result) => varianceOf(result).value));

function bestOf(groups: readonly Group[]): Group | null {
  const finished = groups.filter(({ results }) => results.length > 0);
  return finished.reduce<Group | null>((best, group) => (best && scoreOf(best) >= scoreOf(group) ? best : group), null);
}

function varianceTable(groups: readonly Group[], seeds: number): ReportTable {
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
    rows: groups.map(({ l0, variant, condition, results }): ReportCell[] => {
      const head = [l0, findVariant(variant).title, condition.title];
      if (results.length === 0) return [...head, null, null, null, null, null, null, null];
      const average = (of: (result: TrainJobResult) => number) => mean(results.map(of));
      // Where nothing learns a threshold, one is calibrated for use, and there is no rule of training.
      const isCalibrated = condition.baseline.calibrate === true;
      return [
        ...head,
        estimateOf(results.map(varianceOf)),
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

const pointOf = ({ variant, condition, l0, results }: Group): ScorePoint => ({
  architecture: variant,
  condition: condition.id,
  l0,
  score: estimateOf(results.map(varianceOf)),
});

const recordsOf = (points: readonly ScorePoint[]) =>
  points.map(({ architecture, condition, l0, score }) => ({
    architecture,
    condition,
    l0,
    explainedVariance: score.mean,
    low: score.low,
    high: score.high,
  }));

function barsFigure(groups: readonly Group[]): ReportFigure {
  const points = groups.map(pointOf);
  return {
    id: "baseline-bars",
    caption:
      "Explained variance of the trained SAE beside every baseline (Figures 1 and 10 of the paper, first panel).",
    svg: baselineBars({ metric, points }),
    data: recordsOf(points),
  };
}

function byL0Figure(groups: readonly Group[]): ReportFigure {
  const points = groups.map(pointOf);
  return {
    id: "variance-by-l0",
    caption: "Explained variance against sparsity (Figure 4 of the paper).",
    svg: scoreByL0({ metric, points }),
    data: recordsOf(points),
  };
}
