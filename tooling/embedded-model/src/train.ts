/*
 * Trains the embedded model: `pnpm --filter @sae/embedded-model-recipe train`. Started again after it was stopped, at any moment, it goes on.
 */
import { parseArgs } from "node:util";
import { SaeError } from "@sae/core";
import { contextsOf, type TrainingProgress, tokenScorer, trainingRecipe, trainLanguageModel } from "@sae/models";
import { mixedContexts } from "./contexts.js";
import { embeddedModel } from "./embeddedModel.js";
import { heldOutLosses } from "./heldOut.js";
import { parallelShards } from "./parallelShards.js";
import { preparedCorpus } from "./preparedCorpus.js";
import { answersRight, questions, recallBy } from "./recall.js";
import { runFolder } from "./runFolder.js";

const { values } = parseArgs({
  options: {
    out: { type: "string" },
    pilot: { type: "boolean", default: false },
    workers: { type: "string", default: "2" },
    "stop-after": { type: "string" },
  },
});
const { recipe, folder: out } = runFolder(values);
const say = (message: string): void => console.log(message);

const corpus = await preparedCorpus(recipe, out, say);
const { family, config } = embeddedModel(recipe, corpus.tokenizer);
const training = trainingRecipe.parse(recipe.training);
const source = mixedContexts(corpus.train, recipe.mixture, {
  contexts: training.steps * contextsOf(training),
  nCtx: training.nCtx,
  bos: corpus.bos,
  identity: corpus.identity,
});
for (const [i, { name, tokens }] of corpus.train.entries()) {
  const seen = (source.counts[name] as number) * training.nCtx;
  say(
    `${name}: ${tokens.length} training tokens, ${corpus.heldOut[i]?.tokens.length} held out; ${seen} are seen, ${(seen / tokens.length).toFixed(2)} passes`,
  );
}

// Every so many steps: part of the held-out texts, and a few cities with every template that training never sees.
const scorer = await tokenScorer(family, config);
const someCities = corpus.facts.filter((_, i) => i % Math.ceil(corpus.facts.length / 40) === 0);
const asked = questions(corpus.facts, someCities, corpus.tokenizer);
const measure = async (weights: Readonly<Record<string, Float32Array>>): Promise<Record<string, number>> => {
  const losses = await heldOutLosses(scorer, weights, corpus.heldOut, {
    nCtx: training.nCtx,
    bos: corpus.bos,
    most: 8,
  });
  const recall = recallBy(asked, await answersRight(scorer, weights, asked), ({ attribute }) => attribute);
  return {
    ...Object.fromEntries(Object.entries(losses).map(([name, { loss }]) => [`heldOut.${name}`, loss])),
    ...Object.fromEntries(
      Object.entries(recall).map(([name, counts]) => [`recall.${name}`, counts.right / counts.asked]),
    ),
  };
};

const workers = Number(values.workers);
if (workers !== 1 && workers !== training.shards) {
  throw new SaeError("bad_config", `--workers: needed 1 or ${training.shards}, got ${values.workers}`);
}
const spec = { family, config, rows: training.rows, nCtx: training.nCtx };
const runner = workers === 1 ? undefined : await parallelShards(spec, training.shards);
const { step } = await trainLanguageModel({
  family,
  config,
  recipe: recipe.training,
  source,
  out,
  checkpointEvery: 20,
  ...(values["stop-after"] !== undefined && { stopAfter: Number(values["stop-after"]) }),
  ...(runner && { runner }),
  measure: { every: values.pilot ? 40 : 100, run: measure },
  onProgress: report,
});
await runner?.dispose();
await scorer.dispose();
say(
  step === training.steps ? `done: ${out}` : `stopped after ${step} of ${training.steps} steps; start again to go on`,
);

function report({ steps, line, tokensPerSecond, msLeft }: TrainingProgress): void {
  const { measured } = line;
  if (line.step % 10 !== 0 && !measured && line.step + 1 !== steps) return;
  const minutes = (msLeft / 60_000).toFixed(1);
  say(
    `step ${line.step + 1}/${steps}  loss ${line.loss.toFixed(3)}  norm ${line.gradNorm.toFixed(2)}  ${tokensPerSecond.toFixed(0)} tokens/s  ${minutes} min left`,
  );
  if (measured) {
    say(
      `  ${Object.entries(measured)
        .map(([name, value]) => `${name} ${value.toFixed(3)}`)
        .join("  ")}`,
    );
  }
}
