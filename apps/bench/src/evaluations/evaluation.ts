import type { Pairing, UnitScores } from "@sae/metrics";
import type { z } from "zod";
import type { Job } from "../jobs/job.js";
import type { ModelIdentity } from "../jobs/languageModelInput.js";
import type { ReportSection } from "../report/report.js";
import type { BaselinesPlan } from "../studies/baselinesPlan.js";
import type { Results } from "../studies/study.js";
import type { SiteSizes } from "./siteSizes.js";

/** Where SAEs of a study sit: a hook of a language model, and the activations harvested there. */
export interface EvaluationSite {
  /** The model's name for readers. */
  readonly model: string;
  readonly identity: ModelIdentity;
  readonly hook: string;
  /** For titles: the model, with the hook where the study has several sites; the model when left out. */
  readonly title?: string;
  /** For the costs of its jobs; undefined where the model's are not known. */
  readonly sizes?: () => SiteSizes;
  /** Set where nothing is run: data need not be on this machine. */
  readonly isDryRun?: boolean;
  /** The harvest: `activations/` to train on, and contexts kept for evaluation, see `harvestFolder.ts`. */
  readonly harvest: Job;
  /** Facts of this machine for jobs that open the model, see `languageModelInput.ts`. */
  readonly local: Readonly<Record<string, string>>;
  readonly seed: number;
}

/** What every evaluation job returns, whatever else is in its result. */
export interface EvaluationResult {
  /** By the id of the measure. */
  readonly scores: Readonly<Record<string, UnitScores>>;
}

/** One number of an evaluation, for readers and for the statistics. */
export interface EvaluationMeasure {
  /** Key in `scores`, and name in files: `probing-top-1`. */
  readonly id: string;
  /** "Sparse probing, top-1". */
  readonly label: string;
  /** Formula or protocol in a sentence. */
  readonly definition: string;
  readonly digits: number;
  readonly lessIsBetter?: boolean;
  /** What chance, or doing nothing, scores; from the results of the prepared jobs where it has to be measured. */
  readonly floor: (prepared: Prepared, results: Results) => { readonly label: string; readonly value: number } | null;
  /** The best possible score, 1 when left out; null where there is none. */
  readonly ceiling?: number | null;
  /** A difference smaller than this is of no interest to anybody, in units of the score. */
  readonly smallestEffect: number;
  /** Whether units of two SAEs with the same id are the same thing (tasks, pairs) or not (latents). */
  readonly pairing: Pairing;
  /** A control of the evaluation itself, such as a judge with shuffled descriptions: shown, but no verdict is about it. */
  readonly isControl?: boolean;
  /** Name of the measure that it is a part of, or another form of: shown beside it, but the verdict is about that one alone. */
  readonly partOf?: string;
  /** Axes do not go below this: what scores less is drawn there, with its number. */
  readonly least?: number;
  /** Which figures of the paper show it, in bars and against L0, where any does. */
  readonly figures?: { readonly bars?: string; readonly byL0?: string };
}

/** Jobs that are the same for every SAE of a site, by name. */
export type Prepared = Readonly<Record<string, Job>>;

/** One evaluation of SAEs in a language model. One file in this folder is one evaluation. */
export interface Evaluation<Schema extends z.ZodType = z.ZodType> {
  /** Name in `--evals` and in configs: `probing`. */
  readonly id: string;
  readonly title: string;
  /** Set where nothing but the codes is read: a control that has those of the trained SAE is left out, because it scores what that one scores. */
  readonly readsCodesOnly?: boolean;
  /** Not among the evaluations of a study unless it is named: it needs what not everybody has, or costs money. */
  readonly onRequest?: boolean;
  /** Options with their defaults; each has a description. */
  readonly config: Schema;
  prepare(site: EvaluationSite, config: z.output<Schema>): Prepared;
  /** Evaluates the SAE that a training job leaves; its result is an {@link EvaluationResult}, or `scores` reads one from it. */
  evaluate(site: EvaluationSite, config: z.output<Schema>, prepared: Prepared, sae: Job): Job;
  /** Where the jobs have results of another form, as training has: its scores. */
  scores?(result: unknown): EvaluationResult["scores"];
  /** What it measures: which numbers there are may depend on the options. */
  measures(config: z.output<Schema>): readonly EvaluationMeasure[];
  /** What scores without an SAE, from the results of the prepared jobs: floors, and controls of the evaluation itself. */
  references?(
    prepared: Prepared,
    results: Results,
  ): readonly {
    /** Id of the measure that it is comparable with. */
    readonly measure: string;
    /** What was scored: "mean ablation". */
    readonly label: string;
    readonly value: number;
    /** The job that has more of it. */
    readonly job: Job;
  }[];
  /** Tables and figures of its own, beside the comparison that every measure gets. */
  sections?(shown: ShownEvaluation<Schema>): ReportSection[] | Promise<ReportSection[]>;
}

/** What an evaluation has to show its results. */
export interface ShownEvaluation<Schema extends z.ZodType> {
  /** Only the runs that were evaluated: an evaluation may be planned for some targets L0 alone. */
  readonly plan: BaselinesPlan;
  readonly config: z.output<Schema>;
  readonly prepared: Prepared;
  readonly results: Results;
  /** The evaluation job of a run of `plan`. */
  readonly jobOf: (run: BaselinesPlan["runs"][number]) => Job;
}

/** Makes the types of an evaluation follow from its config. */
export const defineEvaluation = <Schema extends z.ZodType>(evaluation: Evaluation<Schema>): Evaluation<Schema> =>
  evaluation;
