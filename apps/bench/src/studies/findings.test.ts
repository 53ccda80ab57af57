import { expect, test } from "vitest";
import type { EvaluationSite } from "../evaluations/evaluation.js";
import { type Job, jobId, neededJobs } from "../jobs/job.js";
import { planEvaluation, scoresOf } from "./evaluationPlan.js";
import { judgeEvaluation } from "./evaluationSections.js";
import { findingsOf } from "./findings.js";
import { resultsOf, scoreOf, smallPlan } from "./scoredPlan.testkit.js";

const harvest: Job = { kind: "harvest", version: 2, config: {}, needs: {}, local: {}, title: "harvest" };
const site: EvaluationSite = { model: "tiny", identity: {}, hook: "hook", harvest, local: {}, seed: 0 };
const plan = smallPlan({ l0s: [2, 3] });

test("an evaluation has jobs that are the same for every SAE, and one for each SAE, which needs them", () => {
  const planned = planEvaluation({ id: "splice" }, site, plan);
  const same = Object.values(planned.prepared);
  expect(same.map(({ kind }) => kind)).toEqual(["ablation"]);
  for (const run of plan.runs) {
    const needed = neededJobs(planned.jobOf(run)).map(jobId);
    expect(needed).toEqual([harvest, ...same, run.job].map(jobId));
  }
});

test("scores are those of the job's result; null while there is none", () => {
  const planned = planEvaluation({ id: "splice" }, site, plan);
  const [first, second] = plan.runs;
  const scores = { "cross-entropy": scoreOf(1, 2) };
  const results = resultsOf([[planned.jobOf(first), { scores }]]);
  expect(scoresOf(planned, first, results)).toEqual(scores);
  expect(scoresOf(planned, second, results)).toBeNull();
});

/** A training job's result with a variance explained of all rows, and of two parts of them. */
const trained = (explainedVariance: number, explainedVarianceParts: readonly number[]) => ({
  inference: { explainedVariance, explainedVarianceParts },
});

test("where training has measured it, the parts of the rows are moved so that their mean is the number of all rows", () => {
  const planned = planEvaluation({ id: "reconstruction" }, site, plan);
  const [run] = plan.runs;
  expect(planned.jobOf(run)).toBe(run.job);
  const scores = scoresOf(planned, run, resultsOf([[run.job, trained(0.62, [0.5, 0.7])]]))?.["explained-variance"];
  expect(scores?.value).toBeCloseTo(0.62, 12);
  expect(scores?.units.map(({ value }) => value)).toEqual([expect.closeTo(0.52, 12), expect.closeTo(0.72, 12)]);
});

const where = { model: "tiny", hook: "hook" };

test("results.json has a record for each score, with its SAE and the folder of its units", () => {
  const planned = planEvaluation({ id: "reconstruction", l0s: [2] }, site, plan);
  // Trained, frozen decoder; of the soft-frozen one there is no result.
  const [best, frozen] = planned.plan.runs;
  const results = resultsOf([
    [best.job, trained(0.8, [0.9, 0.7])],
    [frozen.job, trained(0.5, [0.6, 0.4])],
  ]);
  const { measures, scores, references, verdicts } = findingsOf([judgeEvaluation(planned, results)], where, results);
  expect(measures).toMatchObject([{ id: "explained-variance", evaluation: "reconstruction", smallestEffect: 0.01 }]);
  expect(references).toEqual([]);
  const shared = { evaluation: "reconstruction", measure: "explained-variance", units: 2, ceiling: 1 };
  expect(scores).toMatchObject([
    { ...shared, run: jobId(best.job), value: expect.closeTo(0.8, 12), job: jobId(best.job) },
    { ...shared, run: jobId(frozen.job), value: expect.closeTo(0.5, 12), floor: { label: "mean", value: 0 } },
  ]);
  expect(scores[0].interval).toMatchObject({ confidence: 0.95, method: "bootstrap over units" });
  expect(verdicts).toMatchObject([
    { site: where, measure: "explained-variance", variant: null, l0: null, isOverall: true, verdict: "beats" },
    {
      variant: "topk",
      l0: 2,
      isOverall: false,
      isSmall: false,
      difference: { mean: expect.closeTo(0.3, 12) },
      missing: ["Soft-frozen decoder, iso (no result)"],
      seeds: 1,
      units: 2,
    },
  ]);
});

test("nothing measured leaves nothing", () => {
  const planned = planEvaluation({ id: "splice" }, site, plan);
  const none = resultsOf([]);
  expect(findingsOf([judgeEvaluation(planned, none)], where, none)).toEqual({
    measures: [],
    scores: [],
    references: [],
    verdicts: [],
  });
});
