import { z } from "zod";
import { runResultSchema } from "./runResultSchema.js";

/*
 * results.json, version 2. This file and runResultSchema.ts are the only place that says what is in it: TypeScript's types follow from it, and
 * apps/bench/results.schema.json is made from it by resultsSchema.test.ts (`vitest -u`). Raise the version when a reader of the last one would
 * misread the new one; a new key is no such thing.
 */

const count = z.int().nonnegative();
const ends = {
  low: z.number().nullable().describe("lower end; null without an interval"),
  high: z.number().nullable().describe("upper end; null without an interval"),
  confidence: z.number().describe("probability with which such an interval covers the truth: 0.95"),
  method: z
    .enum([
      "bootstrap",
      "paired bootstrap",
      "student t",
      "wilson",
      "bootstrap over units",
      "bootstrap over seeds",
      "bootstrap over seeds and units",
      "none",
    ])
    .describe("how it was made; of `bootstrap over units` there is one seed, and it says nothing about another"),
};

const intervalSchema = z
  .strictObject({
    mean: z.number().nullable(),
    ...ends,
    sd: z.number().nullable().describe("standard deviation of the values; null for one value, and for a proportion"),
    n: count.describe("number of values: seeds, or units where there is one seed"),
  })
  .meta({ id: "Interval", description: "A mean with its uncertainty" });

const floorSchema = z
  .strictObject({ label: z.string(), value: z.number() })
  .nullable()
  .describe("what chance, or doing nothing, scores; null where there is no such thing");

const siteSchema = z
  .strictObject({ model: z.string(), hook: z.string() })
  .nullable()
  .describe("where the activations come from; null where that is no language model");

const runSchema = z
  .strictObject({
    id: z.string().describe("name of its folder among the jobs; scores refer to it"),
    title: z.string(),
    site: siteSchema,
    setting: z
      .enum(["constant", "variable"])
      .nullable()
      .describe("activation probabilities of synthetic data, else null"),
    variant: z.string().describe("architecture: `batchtopk`"),
    baseline: z.string().describe("how it was trained: `trained`, or the name of a baseline or control"),
    init: z.enum(["iso", "cov"]).describe("distribution of the random decoder rows"),
    condition: z.string().describe("baseline and init as tables and figures name them: `frozen_decoder_cov`"),
    role: z.enum(["trained", "baseline", "control"]),
    seed: count.describe("names initial draw and order of the data, which all runs of a seed share"),
    l0: z.number().describe("target L0"),
    dSae: count.describe("latents asked for"),
    steps: count,
    batch: count,
    lr: z.number(),
    result: runResultSchema.nullable().describe("null when the job failed or was not started"),
  })
  .meta({ id: "Run", description: "One SAE" });

const measureSchema = z
  .strictObject({
    id: z.string(),
    evaluation: z.string().describe("the evaluation that measures it: `probing`"),
    label: z.string().describe("name for readers"),
    definition: z.string().describe("formula or protocol"),
    lessIsBetter: z.boolean(),
    smallestEffect: z
      .number()
      .nullable()
      .describe("a smaller difference is of no interest; null where no verdict is about it"),
    pairing: z
      .enum(["units", "none"])
      .describe("whether units of two SAEs with the same id are the same thing (tasks, pairs) or not (latents)"),
    isControl: z.boolean().describe("a control of the evaluation itself: no verdict is about it"),
    partOf: z
      .string()
      .nullable()
      .describe("label of the measure that it is a part or another form of, which the verdict is about; else null"),
  })
  .meta({ id: "Measure", description: "What a score is of" });

const scoreSchema = z
  .strictObject({
    run: z.string().describe("id of the SAE among `runs`"),
    evaluation: z.string(),
    measure: z.string().describe("id among `measures`, where its definition is"),
    value: z.number(),
    interval: z.strictObject(ends).describe("over the units of this one SAE"),
    units: count.describe("what the value is the mean of: tasks, pairs, latents, contexts, parts of the rows"),
    floor: floorSchema,
    ceiling: z.number().nullable().describe("the best possible score; null where there is none"),
    job: z.string().describe("folder, among the jobs, whose result.json has the value of each unit"),
  })
  .meta({ id: "Score", description: "One measure of one SAE" });

const referenceSchema = z
  .strictObject({
    site: siteSchema,
    evaluation: z.string(),
    measure: z.string(),
    label: z.string().describe("what was scored instead of an SAE: `mean ablation`"),
    seed: count.nullable().describe("of the runs that it stands beside; null where it is the same for all"),
    value: z.number(),
    job: z.string().describe("folder, among the jobs, with more of it"),
  })
  .meta({ id: "Reference", description: "A score without an SAE: a floor, or a control of the evaluation" });

const verdictSchema = z
  .strictObject({
    site: siteSchema,
    measure: z.string().describe("id among `measures`"),
    variant: z.string().nullable().describe("architecture; null: all of them together"),
    l0: z.number().nullable().describe("target L0; null: all of them together"),
    scope: z.string().describe("the two, in words"),
    isOverall: z.boolean().describe("about all architectures and targets together"),
    verdict: z
      .enum(["beats", "does-not", "cannot-tell"])
      .describe("whether training beats the strongest random baseline; docs/report.md has the rule"),
    isSmall: z.boolean().describe("beats it, by less than the smallest effect"),
    difference: intervalSchema.describe("trained minus strongest random baseline, in units of the measure"),
    opponent: z.string().describe("the strongest random baseline, of several comparisons how often each"),
    scores: z
      .strictObject({ trained: z.number(), opponent: z.number() })
      .describe("what the two sides score; of several comparisons the means"),
    isAtFloor: z.boolean().describe("training scores no better than the floor, whatever the verdict"),
    reachedL0: z
      .strictObject({ trained: z.number(), opponent: z.number() })
      .nullable()
      .describe("L0 of the two sides under the rule for use; null for several comparisons"),
    missing: z.array(z.string()).describe("random baselines that were left out, each with the reason"),
    lostSeeds: z.array(count).describe("seeds that were left out, because not everybody has a score of them"),
    smallestEffect: z.number(),
    lessIsBetter: z.boolean(),
    floor: floorSchema,
    seeds: count.describe("seeds that all sides of the comparison have"),
    units: count.describe("units behind a score, of the side that has fewest"),
  })
  .meta({ id: "Verdict", description: "What came of comparing training with the random baselines" });

const tableSchema = z
  .strictObject({
    caption: z.string(),
    columns: z.array(
      z.strictObject({
        label: z.string(),
        digits: count.optional().describe("digits after the point"),
        definition: z.string().optional(),
        quotedFrom: z.string().optional().describe("whose numbers these are, when they were not measured here"),
      }),
    ),
    rows: z.array(z.array(z.union([z.string(), z.number(), z.null(), intervalSchema]))),
    note: z.string().optional(),
    quotedRows: count.optional().describe("so many rows at the end hold numbers that were not measured here"),
  })
  .meta({ id: "Table", description: "A table of the report" });

/** See the comment above. */
export const resultsSchema = z
  .strictObject({
    format: z.literal("sae-bench results"),
    version: z.literal(2),
    study: z.string().describe("name of the study, as in its report's folder"),
    command: z.string().describe("the command that gives the same results"),
    provenance: z.strictObject({
      seeds: z.array(count),
      data: z.record(z.string(), z.unknown()).describe("what identifies model, texts or activations: names and hashes"),
      versions: z.record(z.string(), z.string()).describe("of Node, onnxruntime and our packages; the platform"),
    }),
    options: z.record(z.string(), z.unknown()).describe("everything that was chosen, defaults included"),
    measures: z.array(measureSchema),
    runs: z.array(runSchema),
    scores: z.array(scoreSchema),
    references: z.array(referenceSchema),
    verdicts: z.array(verdictSchema).describe("for each measure the overall one first"),
    tables: z.array(tableSchema).describe("as the report prints them"),
    failed: z
      .array(
        z.strictObject({
          id: z.string(),
          title: z.string(),
          code: z.string().describe("of the error; `not_started` when something that the job needs failed"),
          message: z.string(),
        }),
      )
      .describe("jobs without a result"),
  })
  .meta({ title: "results.json of sae-bench" });

/** Contents of results.json, and what `--json` prints. No times and no paths in it: the same study gives the same bytes. */
export type StudyRecord = DeepReadonly<z.output<typeof resultsSchema>>;

type DeepReadonly<T> = T extends object ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> } : T;

/** What was measured on the SAEs of a study: the part of the record that evaluations make. */
export type Findings = Pick<StudyRecord, "measures" | "scores" | "references" | "verdicts">;
