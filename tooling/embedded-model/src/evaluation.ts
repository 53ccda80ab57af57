import { type TrainingLine, tokenScorer, type WeightArrays } from "@sae/models";
import { type embeddedModel, modelInMemory } from "./embeddedModel.js";
import { heldOutLosses } from "./heldOut.js";
import type { PreparedCorpus } from "./preparedCorpus.js";
import { answersRight, questions, type Recall, recallBy } from "./recall.js";
import { greedySamples } from "./samples.js";

/** What is known about a trained model. */
export interface Evaluation {
  readonly steps: number;
  /** Nats per token over all held-out texts of a source. */
  readonly heldOut: Readonly<Record<string, { readonly loss: number; readonly tokens: number }>>;
  /** Over all cities and all sentences that training never saw. */
  readonly recall: Readonly<Record<string, Recall>>;
  /** Per sentence, to see which phrasings are understood. */
  readonly recallByTemplate: Readonly<Record<string, Recall>>;
  /** Cities whose country is right in most unseen sentences. */
  readonly citiesKnown: Recall;
  readonly samples: readonly { readonly beginning: string; readonly continuation: string }[];
  /** Every measurement that was made while training: step, mean training loss since the one before, and what was measured. */
  readonly curve: readonly Readonly<Record<string, number>>[];
}

/** Measures everything that the model card says. */
export async function evaluateModel(
  corpus: PreparedCorpus,
  model: ReturnType<typeof embeddedModel>,
  weights: WeightArrays,
  log: readonly TrainingLine[],
): Promise<Evaluation> {
  const { family, config } = model;
  const scorer = await tokenScorer(family, config);
  const heldOut = await heldOutLosses(scorer, weights, corpus.heldOut, {
    nCtx: family.sizes(config).nCtx,
    bos: corpus.bos,
  });
  const asked = questions(corpus.facts, corpus.facts, corpus.tokenizer);
  const right = await answersRight(scorer, weights, asked);
  await scorer.dispose();
  const countries = asked.map(({ attribute }) => attribute === "country");
  const byCity = Object.values(
    recallBy(
      asked.filter((_, i) => countries[i]),
      right.filter((_, i) => countries[i]),
      ({ city }) => city,
    ),
  );
  return {
    steps: log.length,
    heldOut,
    recall: recallBy(asked, right, ({ attribute }) => attribute),
    recallByTemplate: recallBy(asked, right, ({ attribute, template }) => `${attribute}: ${template}`),
    citiesKnown: { asked: byCity.length, right: byCity.filter((city) => city.right > city.asked / 2).length },
    samples: await greedySamples(modelInMemory(model, weights, corpus.tokenizer)),
    curve: learningCurve(log),
  };
}

/** One point for each measurement. */
function learningCurve(log: readonly TrainingLine[]): Record<string, number>[] {
  const curve: Record<string, number>[] = [];
  let since = 0;
  log.forEach(({ step, measured }, i) => {
    if (!measured) return;
    const losses = log.slice(since, i + 1).map(({ loss }) => loss);
    curve.push({ step: step + 1, trainingLoss: losses.reduce((a, b) => a + b, 0) / losses.length, ...measured });
    since = i + 1;
  });
  return curve;
}
