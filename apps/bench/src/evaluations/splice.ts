import type { SpliceScores } from "@sae/metrics";
import { z } from "zod";
import { decimal } from "../figures/numberText.js";
import { job } from "../jobs/job.js";
import { type AblationJobResult, ablationJob, type SpliceJobResult, spliceJob } from "../jobs/spliceJob.js";
import type { ReportTable } from "../report/report.js";
import type { Results } from "../studies/study.js";
import { mean } from "../studies/syntheticGroups.js";
import { defineEvaluation, type EvaluationMeasure, type Prepared, type ShownEvaluation } from "./evaluation.js";
import { everyCondition, meanColumn } from "./everyCondition.js";
import { saeSizesOf, sizesOf } from "./siteSizes.js";

const ablationOf = ({ ablation }: Prepared, results: Results) => results.of<AblationJobResult>(ablation);

const perPosition = (sums: readonly number[], { positions }: AblationJobResult): number => mean(sums) / mean(positions);

const measure = (
  rest: Pick<EvaluationMeasure, "id" | "label" | "definition"> & Partial<EvaluationMeasure>,
): EvaluationMeasure => ({ digits: 3, smallestEffect: 0.01, pairing: "units", floor: () => null, ...rest });

/** What of the model's predictions survives when the reconstruction takes the place of the activations (SAEBench "core"). */
export const splice = defineEvaluation({
  id: "splice",
  title: "Predictions with the reconstruction in place of the activations",
  config: z.strictObject({}),
  prepare: (site) => {
    const { hook, harvest } = site;
    const title = `ablations at ${hook}`;
    return { ablation: job(ablationJob, {}, { title, needs: { activations: harvest }, ...sizesOf(site) }) };
  },
  evaluate: (site, _config, { ablation }, sae) => {
    const needs = { activations: site.harvest, ablation, sae };
    return job(spliceJob, {}, { title: `splice ${sae.title}`, needs, ...saeSizesOf(site, sae) });
  },
  measures: () => [
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
      partOf: "Cross entropy", // the same numbers on another scale
      least: -0.5,
    }),
  ],
  references: (prepared, results) => {
    const losses = ablationOf(prepared, results);
    if (losses === null) return [];
    const reference = (measure: string, label: string, sums: readonly number[]) => ({
      measure,
      label,
      value: perPosition(sums, losses),
      job: prepared.ablation,
    });
    return [
      reference("cross-entropy", "clean model", losses.clean),
      reference("cross-entropy", "mean ablation", losses.meanAblated),
      reference("cross-entropy", "zero ablation", losses.zeroAblated),
      reference("kl-divergence", "mean ablation", losses.klMeanAblated),
      reference("kl-divergence", "zero ablation", losses.klZeroAblated),
    ];
  },
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
          `On ${losses.positions.length} contexts that no SAE was trained on. Cross entropy of the next token: clean ${clean} nats, activations replaced by their mean ${average}, by zero ${zero}. Special tokens, and what the harvest left out, keep their activations and are not counted.`,
        ],
        tables: [lossTable(shown)],
      },
    ];
  },
});

/** All numbers of every condition. */
const lossTable = ({ plan, results, jobOf }: ShownEvaluation<z.ZodType>): ReportTable =>
  everyCondition<SpliceScores>(plan, {
    caption:
      "Every architecture in every condition: losses in nats, and the share of each ablation's damage that is avoided",
    found: (run) => results.of<SpliceJobResult>(jobOf(run))?.losses ?? [],
    columns: [
      meanColumn("Cross entropy", 3, ({ crossEntropy }) => crossEntropy.spliced.mean),
      meanColumn("KL", 3, ({ klDivergence }) => klDivergence.spliced.mean),
      meanColumn("CE recovered, zero", 3, ({ lossRecovered }) => lossRecovered.zeroAblated.mean),
      meanColumn("CE recovered, mean", 3, ({ lossRecovered }) => lossRecovered.meanAblated.mean),
      meanColumn("KL recovered, zero", 3, ({ klRecovered }) => klRecovered.zeroAblated.mean),
      meanColumn("KL recovered, mean", 3, ({ klRecovered }) => klRecovered.meanAblated.mean),
    ],
    note: "Recovered: (ablated − spliced) / (ablated − clean); the clean model's KL is 0. 1 is as good as the activations, 0 as bad as the ablation.",
  });
