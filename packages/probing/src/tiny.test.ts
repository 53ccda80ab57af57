import { fillNormal, key } from "@sae/core";
import { expect, test } from "vitest";
import {
  channelEncoder,
  denseDesign,
  logisticRegression,
  type ProbingTokenizer,
  poolTexts,
  prepareTasks,
  probeTask,
  probingContexts,
  probingScores,
  type TokenEncoder,
} from "./index.js";

/** Tokens are letters; `<` begins a text. */
const letters = "<abcdefghijklmnopqrstuvwxyz";
const tokenizer: ProbingTokenizer = {
  bos: 0,
  eos: null,
  addsBos: true,
  special: new Set([0]),
  encode: (text) => ({ ids: [...text].map((letter) => letters.indexOf(letter)), offsets: [] }),
};

test("a tour of the package", async () => {
  // 1. Labelled texts: words with an "s" and words without.
  const words = Array.from({ length: 60 }, (_, i) => `${letters[1 + (i % 18)]}${letters[1 + Math.floor(i / 18)]}rt`);
  const texts = words.flatMap((word) => [
    { text: `${word}s`, label: "plural" },
    { text: word, label: "singular" },
  ]);
  const dataset = { name: "number", title: "Number", family: "other", source: "made up", texts: () => texts } as const;

  // 2. Tasks: a class against the others, halves equal, and no text on two sides. A task names its texts by number.
  const nCtx = 6;
  const sizes = { train: 40, test: 20, least: 10 };
  const prepared = await prepareTasks({ datasets: [{ dataset, texts }], tokenizer, nCtx, sizes, seed: 0 });
  const [task] = prepared.tasks;
  expect([task.id, task.train.rows.length, task.test.rows.length]).toEqual(["number/plural", 80, 40]);

  // 3. A language model reads the texts once, see `harvest` of @sae/models. Here each letter has an activation of its own.
  const dModel = 12;
  const embedding = fillNormal(key("letters"), new Float32Array(letters.length * dModel));
  const tokens: number[] = [];
  const rows: { start: number; end: number }[] = [];
  for await (const context of probingContexts(prepared.texts, tokenizer, nCtx).from()) {
    const own = [...context.tokens.subarray(1, context.length)]; // without the token that begins the text
    rows.push({ start: tokens.length, end: tokens.length + own.length });
    tokens.push(...own);
  }
  const activations = {
    dModel,
    readRange: async (start: number, count: number, out: Float32Array) => {
      for (let i = 0; i < count; i++) {
        out.set(embedding.subarray(tokens[start + i] * dModel, (tokens[start + i] + 1) * dModel), i * dModel);
      }
    },
  };

  // 4. A dictionary that knows each letter by a latent of its own: what a perfect SAE would be here.
  const perfect: TokenEncoder = {
    batch: 16,
    columns: letters.length,
    encode: (x) => {
      const latents = Array.from({ length: 16 }, (_, row) =>
        Array.from(letters, (_letter, j) => embedding.subarray(j * dModel, (j + 1) * dModel)).findIndex((own) =>
          own.every((value, d) => value === x[row * dModel + d]),
        ),
      );
      const active = [...latents.keys()].filter((row) => latents[row] >= 0);
      return { rows: active, latents: active.map((row) => latents[row]), values: active.map(() => 1) };
    },
  };

  // 5. Every token is encoded, codes are averaged over a text, and probes are trained on the latents that differ most.
  const choice = { ks: [1], full: true, curveKs: [1], curveFull: true };
  const ofLatents = probeTask(await poolTexts(activations, rows, perfect), task, choice);
  expect(ofLatents.top["1"]).toEqual({ latents: [letters.indexOf("s")], accuracy: 1 });
  expect(ofLatents.curve["1"].auc).toBe(1);

  // 6. The channels of the activations themselves, for comparison: one of them says less.
  const ofChannels = probeTask(await poolTexts(activations, rows, channelEncoder(dModel)), task, choice);
  expect(ofChannels.top["1"].accuracy).toBeLessThan(1);

  // 7. Scores are means over tasks, then over data sets; 0.5 is chance. Of two classes both tasks are one question, and one unit.
  expect(probingScores([ofLatents])["probing-top-1"]).toEqual({
    value: 1,
    units: [{ id: "number/plural or singular", group: "number", value: 1 }],
  });

  // 8. The probe is scikit-learn's logistic regression, solved to convergence: w = C Σ (yᵢ − pᵢ) xᵢ.
  const { weights, intercept } = logisticRegression(denseDesign(Float64Array.of(-1, 1), 2, 1), [0, 1]);
  expect(weights[0]).toBeCloseTo(2 / (1 + Math.exp(weights[0])), 10);
  expect(intercept).toBeCloseTo(0, 12);
});
