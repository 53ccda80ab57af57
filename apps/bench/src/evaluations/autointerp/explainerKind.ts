import type { Explainer, Judge, LatentSequences } from "@sae/interp";
import type { z } from "zod";
import type { JobContext } from "../../jobs/job.js";

/** All that an explainer and a judge will be asked. */
export interface ExplainerQuestions {
  readonly latents: readonly LatentSequences[];
  /** For each latent the place of the other one whose description is judged on it as a control; empty when there is none. */
  readonly others: readonly number[];
}

/** An explainer and a judge, ready to be asked; about several latents at once. */
export interface OpenExplainer {
  readonly explainer: Explainer;
  readonly judge: Judge;
  /** They keep their answers themselves, and asking again costs nothing: the job keeps none. */
  readonly keepsAnswers?: boolean;
  /** Told once what it will be asked, before the first question. */
  announce?(questions: ExplainerQuestions): Promise<void>;
  /** Frees what they hold; called once, also after a failure. */
  close?(): Promise<void>;
}

/** One way to explain and judge. Each is an evaluation of its own: scores of different ones are not comparable. */
export interface ExplainerKind<Schema extends z.ZodType = z.ZodType> {
  /** In labels: "n-grams". */
  readonly title: string;
  /** What it is, in a sentence of the report. */
  readonly about: string;
  /** Options with their defaults; each has a description. What is a fact of the machine, such as the address of a server, is in `local`. */
  readonly config: Schema;
  open(
    config: z.output<Schema>,
    context: Pick<JobContext, "folder" | "local" | "report"> & { readonly seed: number },
  ): Promise<OpenExplainer>;
}

/** Makes the types of an explainer follow from its config. */
export const defineExplainer = <Schema extends z.ZodType>(kind: ExplainerKind<Schema>): ExplainerKind<Schema> => kind;
