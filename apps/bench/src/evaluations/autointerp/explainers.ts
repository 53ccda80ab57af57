import { type Explainer, type Judge, ngramDefaults, ngramExplainer, ngramJudge } from "@sae/interp";
import { z } from "zod";
import type { JobContext } from "../../jobs/job.js";

/** An explainer and a judge, ready to be asked; about several latents at once. */
export interface OpenExplainer {
  readonly explainer: Explainer;
  readonly judge: Judge;
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
    context: Pick<JobContext, "folder" | "local"> & { readonly seed: number },
  ): Promise<OpenExplainer>;
}

const defineExplainer = <Schema extends z.ZodType>(kind: ExplainerKind<Schema>): ExplainerKind<Schema> => kind;

const ngram = defineExplainer({
  title: "n-grams",
  about:
    "Explainer and judge are embedded and know no language: a description is up to eight patterns of tokens that the strongest examples share, in the manner of Neuron-to-Graph (arXiv 2305.19911), and the judge looks for them. What they score is no language model's score, and not to be compared with the paper's.",
  config: z.strictObject({
    patterns: z.number().int().positive().default(ngramDefaults.patterns).describe("most patterns of a description"),
    reach: z
      .number()
      .int()
      .nonnegative()
      .default(ngramDefaults.reach)
      .describe("tokens before the active one that a pattern may ask for; 0 for single tokens only"),
  }),
  open: async (config) => ({ explainer: ngramExplainer(config), judge: ngramJudge }),
});

/** Every way to explain and judge, by its name in configs. */
export const explainers = { ngram } satisfies Record<string, ExplainerKind>;

/** A name in {@link explainers}. */
export type ExplainerName = keyof typeof explainers;
export const explainerNames = Object.keys(explainers) as [ExplainerName, ...ExplainerName[]];

/** First part of the ids of evaluation and measures: `autointerp`, and `autointerp-NAME` for all others but the embedded one. */
export const autointerpId = (name: ExplainerName): string => (name === "ngram" ? "autointerp" : `autointerp-${name}`);
