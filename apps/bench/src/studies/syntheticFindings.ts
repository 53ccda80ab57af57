import { type Interval, meanInterval, wilsonInterval } from "@sae/metrics";
import { reconstruction } from "../evaluations/reconstruction.js";
import { jobId } from "../jobs/job.js";
import type { RandomDictionaryResult } from "../jobs/randomDictionaryJob.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { Findings } from "../results/resultsSchema.js";
import { estimateOf } from "./estimates.js";
import { measureRecord } from "./findings.js";
import type { Results } from "./study.js";
import { varianceOf } from "./syntheticGroups.js";
import type { SyntheticPlan } from "./syntheticPlan.js";

type Measure = Findings["measures"][number];
type Reference = Findings["references"][number];
type Score = Findings["scores"][number];

const evaluation = "recovery";

const measure = (id: string, label: string, definition: string): Measure => ({
  id,
  evaluation,
  label,
  definition,
  lessIsBetter: false,
  smallestEffect: null,
  pairing: "units",
  isControl: false,
  partOf: null,
});

const thresholds = [0.8, 0.9] as const;
const recoveredId = (threshold: number) => `recovered-${threshold}`;

const measures: readonly Measure[] = [
  ...reconstruction.measures({}).map((one) => measureRecord(reconstruction.id, one)),
  ...thresholds.map((threshold) =>
    measure(
      recoveredId(threshold),
      `Features recovered, cosine > ${threshold}`,
      `share of the true features whose largest signed cosine with a decoder row is above ${threshold} (Eq. 6 of arXiv 2602.14111)`,
    ),
  ),
  measure(
    "mean-best-cosine",
    "Mean best cosine",
    "mean over true features of the largest signed cosine with a decoder row (Eq. 6 of arXiv 2602.14111)",
  ),
  measure("mcc", "MCC", "mean |cosine| of the best one-to-one matching of features and latents"),
  measure("uniqueness", "Unique latents", "distinct best features of the latents, as a share of the latents"),
];

/** Measures, scores and random dictionaries of case study 1, for results.json. */
export function syntheticFindings(plan: SyntheticPlan, results: Results): Findings {
  const references = referencesOf(plan, results);
  return { measures, references, scores: scoresOf(plan, references, results), verdicts: [] };
}

/** What random dictionaries score, for each seed. */
const referencesOf = ({ floors }: SyntheticPlan, results: Results): Reference[] =>
  floors.flatMap(({ seed, job }) => {
    const result = results.of<RandomDictionaryResult>(job);
    if (result === null) return [];
    const reference = (measure: string, value: number): Reference => ({
      site: null,
      evaluation,
      measure,
      label: "random dictionary",
      seed,
      value,
      job: jobId(job),
    });
    return [
      ...result.recovered.map(({ threshold, fraction }) => reference(recoveredId(threshold), fraction.mean)),
      reference("mean-best-cosine", result.meanCosine.mean),
      reference("mcc", result.mcc.mean),
    ];
  });

const scoresOf = ({ runs }: SyntheticPlan, references: readonly Reference[], results: Results): Score[] =>
  runs.flatMap(({ job, seed }) => {
    const result = results.of<TrainJobResult>(job);
    if (result === null) return [];
    const { recovery } = result;
    const floorOf = (id: string): Score["floor"] => {
      const found = references.find((one) => one.measure === id && one.seed === seed);
      return found ? { label: found.label, value: found.value } : null;
    };
    const score = (id: string, { mean, low, high, confidence, method }: Interval, units: number): Score => ({
      run: jobId(job),
      evaluation,
      measure: id,
      value: mean,
      interval: { low, high, confidence, method },
      units,
      floor: floorOf(id),
      ceiling: 1,
      job: jobId(job),
    });
    const variance = varianceOf(result);
    const single = (value: number) => meanInterval([value]);
    return [
      {
        ...score("explained-variance", estimateOf([variance]), variance.parts.length),
        evaluation: reconstruction.id,
        floor: { label: "mean", value: 0 },
      },
      ...(recovery === null
        ? []
        : [
            ...recovery.recovered.map(({ threshold, count }) =>
              score(recoveredId(threshold), wilsonInterval(count, recovery.features), recovery.features),
            ),
            score("mean-best-cosine", single(recovery.meanBestCosine), recovery.features),
            score("mcc", single(recovery.mcc), recovery.features),
            score("uniqueness", single(recovery.uniqueness), result.dSae),
          ]),
    ];
  });
