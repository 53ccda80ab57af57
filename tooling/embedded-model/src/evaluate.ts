/*
 * Measures the trained model, or one that is still being trained as far as its checkpoint goes, and prints the numbers as JSON:
 * `pnpm --filter @sae/embedded-model-recipe evaluate`. With --export DIR the model and its card are written there.
 */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { readSafetensors, writeFileAtomic } from "@sae/core";
import { contextsOf, type TrainingLine, trainingRecipe } from "@sae/models";
import { mixedContexts } from "./contexts.js";
import { embeddedModel } from "./embeddedModel.js";
import { evaluateModel } from "./evaluation.js";
import { exportModel, roundedToFloat16 } from "./exportModel.js";
import { modelCard } from "./modelCard.js";
import { preparedCorpus } from "./preparedCorpus.js";
import { runFolder } from "./runFolder.js";

const { values } = parseArgs({
  options: { out: { type: "string" }, pilot: { type: "boolean", default: false }, export: { type: "string" } },
});
const { recipe, folder } = runFolder(values);
const corpus = await preparedCorpus(recipe, folder, (message) => console.error(message));
const model = embeddedModel(recipe, corpus.tokenizer);
const { tensors, metadata } = await readSafetensors(join(folder, "checkpoint.safetensors"));
const names = Object.keys(model.family.weights(model.config));
// What is measured is what is shipped: float16.
const weights = roundedToFloat16(Object.fromEntries(names.map((name) => [name, tensors[name]?.data as Float32Array])));
const log = readFileSync(join(folder, "log.jsonl"), "utf8")
  .split("\n")
  .slice(0, Number(metadata.logLines))
  .map((line) => JSON.parse(line) as TrainingLine);
const evaluation = await evaluateModel(corpus, model, weights, log);
console.log(JSON.stringify(evaluation, null, 2));

if (values.export !== undefined) {
  await exportModel(values.export, { ...model, weights, tokenizerFolder: folder });
  const training = trainingRecipe.parse(recipe.training);
  const { counts } = mixedContexts(corpus.train, recipe.mixture, {
    contexts: evaluation.steps * contextsOf(training),
    nCtx: training.nCtx,
    bos: corpus.bos,
    identity: {},
  });
  const tokens = corpus.train.map(({ name, tokens: { length } }, i) => [
    name,
    {
      train: length,
      heldOut: corpus.heldOut[i]?.tokens.length ?? 0,
      seen: (counts[name] as number) * training.nCtx,
    },
  ]);
  const card = modelCard(recipe, evaluation, {
    parameters: Object.values(weights).reduce((total, { length }) => total + length, 0),
    bytes: statSync(join(values.export, "model.safetensors")).size,
    tokens: Object.fromEntries(tokens),
  });
  await writeFileAtomic(join(values.export, "README.md"), card);
}
