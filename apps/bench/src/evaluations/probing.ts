import { SaeError } from "@sae/core";
import { probingScoreId } from "@sae/probing";
import { z } from "zod";
import { job } from "../jobs/job.js";
import { defineEvaluation, type EvaluationMeasure } from "./evaluation.js";
import {
  type DatasetIdentity,
  findDatasets,
  identifyDatasets,
  localDatasets,
  probingGroups,
} from "./probing/probingData.js";
import { type ProbingConfig, type ProbingJobResult, probingChannelsJob, probingJob } from "./probing/probingJob.js";
import { probingSections } from "./probing/probingSections.js";
import { probingTextsJob } from "./probing/probingTextsJob.js";
import { type SiteSizes, saeSizesOf, sizesOf } from "./siteSizes.js";

const counts = z.array(z.number().int().positive()).refine((ks) => new Set(ks).size === ks.length, "each number once");

/** Options of sparse probing. The defaults are small enough for a quick study; the paper has `train: 2000, test: 500, tokens: 128` and the data sets `saebench`. */
export const probingOptions = z.strictObject({
  dataSets: z
    .array(z.string())
    .default(["embedded"])
    .describe(
      `data sets by name, or groups of them (${probingGroups.join(", ")}), or texts of your own: 'file:reviews.csv?text=body&label=stars' with the columns of text and class (also jsonl, tsv, parquet, a folder of them, or of a folder for each class) or 'hf:org/name@revision:data/*.parquet?…'`,
    ),
  dataDir: z
    .string()
    .optional()
    .describe(
      "folder with the files of data sets that are known by name; those of the hub that are not in it are fetched",
    ),
  train: z.number().int().positive().default(100).describe("texts of each class to train probes on"),
  test: z.number().int().positive().default(50).describe("texts of each class to test probes on"),
  least: z.number().int().positive().default(10).describe("a class with fewer texts is left out"),
  tokens: z
    .number()
    .int()
    .min(2)
    .default(64)
    .describe("tokens that the model reads of a text, fewer if it cannot read so many"),
  dtype: z.enum(["float16", "float32"]).default("float16").describe("element type of the activations on disk"),
  ks: counts.default([1, 2, 5]).describe("numbers of latents of a probe"),
  full: z.boolean().default(true).describe("train probes on all latents, too"),
  aucKs: counts.default([16]).describe("numbers of latents of the probes of SAE-Probes"),
});

type ProbingOptions = z.output<typeof probingOptions>;

/** Classes of a data set that takes every label there is. */
const usualClasses = 5;

/** What the costs of probing depend on, beside a site's sizes. */
function withTexts<Sizes extends SiteSizes>({ sizes }: { sizes?: () => Sizes }, config: ProbingOptions) {
  const { dataSets, train, test, tokens } = config;
  return (
    sizes && {
      sizes: () => {
        const chosen = findDatasets(dataSets);
        const classes = chosen.reduce((sum, dataset) => sum + (dataset.classes?.length ?? usualClasses), 0);
        return { ...sizes(), classes, train, test, tokens };
      },
    }
  );
}

/** Data sets for a plan: those that are not here are known by their names only. */
function plannedDatasets(names: readonly string[], dataDir: string | undefined): DatasetIdentity[] {
  try {
    return identifyDatasets(names, dataDir);
  } catch (error) {
    const isMissing = error instanceof SaeError && ["missing_option", "file_not_found"].includes(error.code);
    if (!isMissing) throw error;
    return names.map((name) => ({ name, content: "not here yet" }));
  }
}

const chance = () => ({ label: "chance", value: 0.5 });

const task =
  "one class of a data set against the others, halves equal, mean over the tasks of a data set and then over data sets; a text is the mean of its tokens' codes";

const shared = { digits: 3, floor: chance, smallestEffect: 0.01, pairing: "units" } as const;

/** Which figures of the paper show the accuracy of probes on so many latents. */
const figures: Readonly<Record<number, EvaluationMeasure["figures"]>> = {
  1: { bars: "Figures 1 and 10", byL0: "Figure 7" },
  5: { byL0: "Figure 14" },
};

const latentsOf = (k: number): string => (k === 1 ? "latent" : `${k} latents`);

function accuracyOf(k: number | "full"): EvaluationMeasure {
  const latents =
    k === "full"
      ? "all latents"
      : `the ${latentsOf(k)} whose means over positive and negative training texts differ most`;
  return {
    id: probingScoreId("top", k),
    label: `Sparse probing, ${k === "full" ? "all latents" : `top-${k}`}`,
    definition: `accuracy of logistic regression (L2, C = 1) on ${latents}, on test texts: ${task}`,
    ...shared,
    ...(k !== "full" && figures[k] && { figures: figures[k] }),
  };
}

const areaOf = (k: number): EvaluationMeasure => ({
  id: probingScoreId("auc", k),
  label: `Sparse probing as in SAE-Probes, ${k === 1 ? "one latent" : latentsOf(k)}`,
  definition: `area under the ROC curve of L1 logistic regression on the ${latentsOf(k)} whose means differ most after division by ${k === 1 ? "its" : "their"} mean non-zero value; C chosen on training texts; codes of the last token; the same tasks`,
  ...shared,
});

/** Sparse probing (section 4 of arXiv 2602.14111; SAEBench, arXiv 2503.09532), and the variant of SAE-Probes (arXiv 2502.16681). */
export const probing = defineEvaluation({
  id: "probing",
  title: "Sparse probing",
  readsCodesOnly: true,
  config: probingOptions,
  prepare: (site, config) => {
    const { dataSets, dataDir, train, test, least, tokens, dtype, ks, full, aucKs } = config;
    const local = { ...site.local, ...localDatasets(dataSets, dataDir) };
    const { hook, seed, model, identity } = site;
    const datasets = site.isDryRun ? plannedDatasets(dataSets, dataDir) : identifyDatasets(dataSets, dataDir);
    const texts = job(
      probingTextsJob,
      { model: identity, hook, datasets, train, test, least, tokens, dtype, seed },
      { title: `probing texts ${model} ${hook}`, local, ...withTexts(sizesOf(site), config) },
    );
    const channels = job(
      probingChannelsJob,
      { ks, full, aucKs },
      { title: `probe the channels of ${hook}`, needs: { texts }, ...withTexts(sizesOf(site), config) },
    );
    return { texts, channels };
  },
  evaluate: (site, config, { texts }, sae) => {
    const { ks, full, aucKs } = config;
    const sizes = withTexts(saeSizesOf(site, sae), config);
    return job(probingJob, { ks, full, aucKs }, { title: `probe ${sae.title}`, needs: { texts, sae }, ...sizes });
  },
  measures: ({ ks, full, aucKs }) => [
    ...ks.map(accuracyOf),
    ...(full ? [accuracyOf("full")] : []),
    ...aucKs.map(areaOf),
  ],
  references: ({ channels: job }, results) => {
    const { aucKs } = job.config as ProbingConfig;
    return Object.entries(results.of<ProbingJobResult>(job)?.scores ?? {}).flatMap(([id, { value }]) =>
      // What SAE-Probes compares a few latents with is all channels.
      id === probingScoreId("auc", "full")
        ? aucKs.map((k) => ({
            measure: probingScoreId("auc", k),
            label: "all channels of the residual stream",
            value,
            job,
          }))
        : [{ measure: id, label: "channels of the residual stream", value, job }],
    );
  },
  sections: probingSections,
});
