import type { SpliceScores } from "@sae/metrics";
import { z } from "zod";
import { decimal } from "../figures/numberText.js";
import { findVariant } from "../jobs/findByName.js";
import { job } from "../jobs/job.js";
import { type AblationJobResult, ablationJob, type SpliceJobResult, spliceJob } from "../jobs/spliceJob.js";
import type { ReportCell, ReportTable } from "../report/report.js";
import { conditionGroups } from "../studies/comparisonGroups.js";
import type { Results } from "../studies/study.js";
import { mean } from "../studies/syntheticGroups.js";
import { defineEvaluation, type EvaluationMeasure, type Prepared, type ShownEvaluation } from "./evaluation.js";

const ablationOf = ({ ablation }: Prepared, results: Results) => results.of<AblationJobResult>(ablation);

const perPosition = (sums: readonly number[], { positions }: AblationJobResult): number => mean(sums) / mean(positions);

const measure = (
  rest: Pick<EvaluationMeasure, "id" | "label" | "definition" | "figures"> & Partial<EvaluationMeasure>,
): EvaluationMeasure => ({ digits: 3, smallestEffect: 0.01, pairing: "units", floor: () => null, ...rest });

/** What of the model's predictions survives when the reconstruction takes the place of the activations (SAEBench "core"). */
export const splice = defineEvaluation({
  id: "splice",
  title: "Predictions with the reconstruction in place of the activations",
  config: z.strictObject({}),
  prepare: ({ hook, harvest, local }) => ({
    ablation: job(ablationJob, {}, { title: `ablations at ${hook}`, needs: { activations: harvest }, local }),
  }),
  evaluate: ({ harvest, local }, _config, { ablation }, sae) =>
    job(spliceJob, {}, { title: `splice ${sae.title}`, needs: { activations: harvest, ablation, sae }, local }),
  measures: [
    measure({
      id: "cross-entropy",
      label: "Cross entropy",
      definition: "of the next token in nats with x̂ in place of x",
      lessIsBetter: true,
      ceiling: null,
      floor: (prepared, results) => {
        const losses = ablationOf(prepared, results);
        return losses && { label: "mean ablation", value: perPosition(losses.meanAblated, losses) };
      },
      figures: { bars: "the data of Figure 12", byL0: "Figure 12" },
    }),
    measure({
      id: "kl-divergence",
      label: "KL divergence",
      definition: "from the clean model's next-token distribution in nats, with x̂ in place of x; 0 changes nothing",
      lessIsBetter: true,
      ceiling: 0,
      floor: (prepared, results) => {
        const losses = ablationOf(prepared, results);
        return losses && { label: "mean ablation", value: perPosition(losses.klMeanAblated, losses) };
      },
      figures: { bars: "the data of Figure 13", byL0: "Figure 13" },
    }),
    measure({
      id: "loss-recovered",
      label: "Loss recovered",
      definition: "(CE_mean − CE_sae) / (CE_mean − CE_clean), against the mean of the activations in place of x",
      floor: () => ({ label: "mean ablation", value: 0 }),
      least: -0.5,
      figures: { bars: "not in the paper", byL0: "not in the paper" },
    }),
  ],
  sections: (shown) => {
    const losses = ablationOf(shown.prepared, shown.results);
    if (losses === null) return [];
    const [clean, average, zero] = [losses.clean, losses.meanAblated, losses.zeroAblated].map((sums) =>
      decimal(perPosition(sums, losses), 3),
    );
    return [
      {
        heading: "Losses of every SAE",
        prose: [
          `On ${losses.positions.length} contexts that no SAE was trained on. Cross entropy of the next token: clean ${clean} nats, activations replaced by their mean ${average}, by zero ${zero}. Special tokens keep their activations and are not counted.`,
        ],
        tables: [everyCondition(shown)],
      },
    ];
  },
});

/** All numbers of every condition. */
function everyCondition({ plan, results, jobOf }: ShownEvaluation<z.ZodType>): ReportTable {
  const rows = conditionGroups(plan).map(({ l0, variant, condition, runs }): ReportCell[] => {
    const found = runs.flatMap((run) => results.of<SpliceJobResult>(jobOf(run)) ?? []);
    const head = [l0, findVariant(variant).title, condition.title];
    if (found.length === 0) return [...head, ...Array<null>(6).fill(null)];
    const average = (of: (losses: SpliceScores) => { readonly mean: number }) =>
      mean(found.map(({ losses }) => of(losses).mean));
    return [
      ...head,
      average(({ crossEntropy }) => crossEntropy.spliced),
      average(({ klDivergence }) => klDivergence.spliced),
      average(({ lossRecovered }) => lossRecovered.zeroAblated),
      average(({ lossRecovered }) => lossRecovered.meanAblated),
      average(({ klRecovered }) => klRecovered.zeroAblated),
      average(({ klRecovered }) => klRecovered.meanAblated),
    ];
  });
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
