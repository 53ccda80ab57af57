import { join } from "node:path";
import type { Value } from "@sae/core";
import { cut, type LanguageModel, loadModel, runModel } from "@sae/models";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../runCli.testkit.js";
import { writeTinyModel } from "../tinyModel.testkit.js";
import { openSplicer, type Splicer } from "./spliceLosses.js";

const hook = "blocks.0.hook_resid_post";
const begin = 27; // the special token of the tiny model
const texts = [Int32Array.of(begin, 3, 1, 4, 1, 5), Int32Array.of(begin, 9, 2, 6)];

let model: LanguageModel;
let splicer: Splicer;
beforeAll(async () => {
  model = await loadModel(await writeTinyModel(join(await temporaryFolder(), "tiny")));
  splicer = await openSplicer(model, hook);
  return async () => {
    await splicer.dispose();
    await model.close();
  };
});

/** log-probabilities of a row of logits, in double precision. */
function logSoftmax(row: readonly number[]): number[] {
  const largest = Math.max(...row);
  const total = Math.log(row.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  return row.map((value) => value - largest - total);
}

/** The definition: cross entropy and KL summed over the positions after the special token that predict a token. */
async function plainSums(replacement: number | null) {
  const sums = { crossEntropy: [] as number[], kl: [] as number[] };
  for (const text of texts) {
    const ids = Array.from(text);
    const { dVocab, dModel } = model.sizes;
    const { at, logits: clean, tokens } = await runModel(model, [ids], { hooks: [hook] });
    const x = at[hook].data as Float32Array;
    const edited = x.map((value, i) => (replacement === null || i < dModel ? value : replacement)); // all but the special token
    const halves = cut(model, hook);
    const { logits: modified } = await (await halves.suffix()).run({
      tokens,
      x: { data: edited, shape: at[hook].shape },
    });
    await halves.dispose();
    let [crossEntropy, kl] = [0, 0];
    for (let t = 1; t + 1 < ids.length; t++) {
      const row = ({ data }: Value) => logSoftmax(Array.from(data.slice(t * dVocab, (t + 1) * dVocab), Number));
      const [p, q] = [row(clean), row(modified)];
      crossEntropy -= q[ids[t + 1]];
      kl += p.reduce((sum, logP, i) => sum + Math.exp(logP) * (logP - q[i]), 0);
    }
    sums.crossEntropy.push(crossEntropy);
    sums.kl.push(kl);
  }
  return sums;
}

test("the activations themselves give the clean losses and no divergence", async () => {
  const batch = await splicer.activations(texts);
  const { crossEntropy, kl } = await splicer.losses(batch, batch.x);
  const plain = await plainSums(null);
  crossEntropy.forEach((value, i) => {
    expect(value).toBeCloseTo(plain.crossEntropy[i], 4);
    expect(kl[i]).toBeCloseTo(0, 5);
  });
});

test("a replacement counts where there is text, and special tokens keep their activations", async () => {
  const batch = await splicer.activations(texts);
  const { crossEntropy, kl } = await splicer.losses(batch, new Float32Array(batch.x.length).fill(0.5));
  const plain = await plainSums(0.5);
  expect(kl[0]).toBeGreaterThan(0.01);
  crossEntropy.forEach((value, i) => {
    expect(value).toBeCloseTo(plain.crossEntropy[i], 4);
    expect(kl[i]).toBeCloseTo(plain.kl[i], 4);
  });
});

test("activations that a harvest leaves out, for their place or their norm, stay as they are", async () => {
  const { x, seq } = await splicer.activations(texts);
  const { dModel } = model.sizes;
  const norms = Array.from({ length: texts.length * seq }, (_, at) =>
    Math.hypot(...x.subarray(at * dModel, (at + 1) * dModel)),
  );
  const longest = Math.max(...texts.flatMap(({ length }, row) => norms.slice(row * seq + 1, row * seq + length)));
  const limits = [
    { skipPositions: 3, largestNorm: Number.POSITIVE_INFINITY },
    { skipPositions: 0, largestNorm: longest * (1 - 1e-6) },
  ];
  const expected = [(at: number) => at % seq >= 3, (at: number) => norms[at] < longest];
  for (const [i, limit] of limits.entries()) {
    const limited = await openSplicer(model, hook, { leftOut: limit });
    const batch = await limited.activations(texts);
    const all = (await splicer.activations(texts)).replaced;
    expect(Array.from(batch.replaced)).toEqual(Array.from(all, (is, at) => (is === 1 && expected[i](at) ? 1 : 0)));
    expect(batch.replaced.reduce((sum, is) => sum + is, 0)).toBeLessThan(all.reduce((sum, is) => sum + is, 0));
    const unchanged = batch.x.map((value, at) => (batch.replaced[Math.floor(at / dModel)] === 1 ? value : Number.NaN));
    const { kl } = await limited.losses(batch, unchanged);
    for (const divergence of kl) expect(divergence).toBeCloseTo(0, 5);
    await limited.dispose();
  }
});

test("positions that count: after the special token, before the last", async () => {
  expect(splicer.positions(await splicer.activations(texts))).toEqual([4, 2]);
  const alone = await splicer.activations([Int32Array.of(begin)]);
  expect(splicer.positions(alone)).toEqual([0]);
  expect(await splicer.losses(alone, alone.x)).toEqual({ crossEntropy: [0], kl: [0] });
});
