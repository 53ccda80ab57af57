import { SaeError } from "@sae/core";
import type { UnitScores } from "@sae/metrics";
import type { z } from "zod";
import type { Evaluation, EvaluationResult, EvaluationSite, Prepared } from "../evaluations/evaluation.js";
import { findEvaluation } from "../evaluations/findEvaluation.js";
import type { Job } from "../jobs/job.js";
import { didYouMean } from "../nearest.js";
import { evaluationOptionName } from "../options/evaluationOptionName.js";
import { kebab } from "../options/option.js";
import type { BaselinesPlan, BaselinesRun } from "./baselinesPlan.js";
import type { Condition } from "./conditions.js";
import { mainArchitecture, mainTarget } from "./mainTarget.js";
import type { Results } from "./study.js";

/** An evaluation of a study, with its options. */
export interface EvaluationChoice {
  /** Its name: `probing`. */
  readonly id: string;
  /** Options of the evaluation; what is left out has its default. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** The architectures and targets L0 whose SAEs it is run on, where that is not all of them. */
  readonly variants?: readonly string[];
  readonly l0s?: readonly number[];
  /**
   * Where an evaluation is dear: of these, the main architecture at every target, the others at the main target, controls beside the main architecture at
   * the main target. That is what the paper's figures show.
   */
  readonly isLean?: boolean;
}

/** An evaluation with its jobs. */
export interface PlannedEvaluation {
  readonly evaluation: Evaluation;
  /** Complete. */
  readonly config: unknown;
  readonly prepared: Prepared;
  /** The runs that are evaluated. */
  readonly plan: BaselinesPlan;
  /** The evaluation job of one of them. */
  readonly jobOf: (run: BaselinesRun) => Job;
}

/**
 * Plans an evaluation of every SAE of a plan, or of those at some targets.
 *
 * @throws SaeError `unknown_evaluation`, `bad_option` with the name of the option
 */
export function planEvaluation(
  { id, config: given = {}, ...chosen }: EvaluationChoice,
  site: EvaluationSite,
  baselines: BaselinesPlan,
): PlannedEvaluation {
  const evaluation = findEvaluation(id);
  const config = configOf(evaluation, given);
  const prepared = evaluation.prepare(site, config);
  const chosenPlan = onlyChosen(baselines, chosen, id);
  const plan = withoutSameCodes(evaluation, chosen.isLean ? leanPlan(chosenPlan) : chosenPlan);
  const jobs = new Map(plan.runs.map((run) => [run.job, evaluation.evaluate(site, config, prepared, run.job)]));
  return { evaluation, config, prepared, plan, jobOf: ({ job }) => jobs.get(job) as Job };
}

const optionOf = (id: string, ...path: readonly string[]): string => `--${kebab(evaluationOptionName(id, path))}`;

/** The config with its defaults. */
function configOf({ id, config }: Evaluation, given: Readonly<Record<string, unknown>>): unknown {
  const result = config.safeParse(given);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue.path.filter((part) => typeof part === "string");
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys;
    const known = Object.keys((config as z.ZodObject).shape);
    throw new SaeError(
      "bad_option",
      `${optionOf(id, ...path, key)}: ${id} has no such option${didYouMean(key, known)}`,
    );
  }
  throw new SaeError("bad_option", `${optionOf(id, ...path)}: ${issue.message}`);
}

function checkThere<Item>(
  chosen: readonly Item[] = [],
  there: ReadonlySet<Item>,
  [what, option, ofStudy]: readonly [what: string, option: string, ofStudy: string],
): void {
  const missing = chosen.filter((item) => !there.has(item));
  if (missing.length === 0) return;
  throw new SaeError(
    "bad_option",
    `${option}: needed ${what} of the study (${[...there].join(", ")}), got ${missing.join(", ")}; add them to ${ofStudy}`,
  );
}

function onlyChosen(
  { options, runs, omitted }: BaselinesPlan,
  { variants, l0s }: Pick<EvaluationChoice, "variants" | "l0s">,
  id: string,
): BaselinesPlan {
  checkThere(l0s, new Set(runs.map(({ l0 }) => l0)), ["targets", optionOf(id, "l0"), "--l0"]);
  checkThere(variants, new Set(runs.map(({ variant }) => variant)), [
    "architectures",
    optionOf(id, "variants"),
    "--variants",
  ]);
  const isVariant = (name: string) => variants?.includes(name) ?? true;
  const isTarget = (l0: number) => l0s?.includes(l0) ?? true;
  return {
    options: { ...options, variants: options.variants.filter(isVariant), l0s: options.l0s.filter(isTarget) },
    runs: runs.filter(({ variant, l0 }) => isVariant(variant) && isTarget(l0)),
    omitted,
  };
}

function leanPlan({ options, runs, omitted }: BaselinesPlan): BaselinesPlan {
  const main = { variant: mainArchitecture(options.variants), l0: mainTarget(options) };
  const isKept = ({ variant, l0, condition: { role } }: BaselinesRun) =>
    (variant === main.variant || l0 === main.l0) &&
    (role !== "control" || (variant === main.variant && l0 === main.l0));
  return { options, runs: runs.filter(isKept), omitted };
}

/** Where codes alone are read, a control with the codes of the trained SAE would be that SAE once more. */
function withoutSameCodes({ readsCodesOnly = false }: Evaluation, { options, runs, omitted }: BaselinesPlan) {
  if (!readsCodesOnly) return { options, runs, omitted };
  const differs = ({ baseline }: Condition) => baseline.sameCodes !== true;
  const same = options.conditions.filter((condition) => !differs(condition));
  return {
    options: { ...options, conditions: options.conditions.filter(differs) },
    runs: runs.filter(({ condition }) => differs(condition)),
    omitted: [
      ...omitted,
      ...same.map(({ title }) => `${title}: has the codes of the trained SAE, and nothing else is read here`),
    ],
  };
}

/** The scores of one SAE, by the id of the measure; null while there is no result. */
export function scoresOf(
  { evaluation, jobOf }: PlannedEvaluation,
  run: BaselinesRun,
  results: Results,
): Readonly<Record<string, UnitScores>> | null {
  const result = results.of<EvaluationResult>(jobOf(run));
  if (result === null) return null;
  return evaluation.scores ? evaluation.scores(result) : result.scores;
}
