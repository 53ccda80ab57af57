import { fillNormal, fold, key } from "@sae/core";
import { wilsonInterval } from "@sae/metrics";
import { describe, expect, it, test } from "vitest";
import { oneVsRest } from "./oneVsRest.js";
import { probeCurve, probeCurveFull, probeFull, probeTop } from "./probes.js";
import type { ProbingTask } from "./probingTask.js";
import { sparseRowsOf } from "./sparseRows.js";

const latents = 12;
const texts = 600;

/** Two classes of texts; even ones are about the concept. */
const [task] = oneVsRest(
  { name: "planted" },
  [0, 1].map((parity) => {
    const own = Array.from({ length: texts / 2 }, (_, i) => 2 * i + parity);
    return { name: `class ${parity}`, train: own.slice(0, 200), test: own.slice(200) };
  }),
  key("task"),
).tasks;

/** Latents that are noise, each active on every other text; the one at `planted` is active on the concept only. */
function features(planted: number | null, strength = 1) {
  const noise = fillNormal(fold(key("noise"), String(planted)), new Float32Array(texts * latents));
  return sparseRowsOf(
    Array.from(noise, (value, at) => {
      const [text, latent] = [Math.floor(at / latents), at % latents];
      if (latent === planted) return text % 2 === 0 ? strength : 0;
      return Math.max(0, value);
    }),
    latents,
  );
}

describe("a latent that is the concept", () => {
  const planted = features(7);
  it("is found, and answers every question", () => {
    expect(probeTop(planted, task, 1)).toEqual({ latents: [7], accuracy: 1 });
    expect(probeTop(planted, task, 5)).toMatchObject({ accuracy: 1 });
    expect(probeTop(planted, task, 5).latents[0]).toBe(7);
    expect(probeFull(planted, task)).toBeGreaterThan(0.98);
    expect(probeCurve(planted, task, 1)).toMatchObject({ latents: [7], auc: 1 });
    expect(probeCurveFull(planted, task).auc).toBe(1);
  });
  it("is found by the scaled ranking where it is weak beside the others, by the plain one where it is strong", () => {
    expect(probeTop(features(7, 1e-3), task, 1).latents).not.toEqual([7]);
    expect(probeCurve(features(7, 1e-3), task, 1).latents).toEqual([7]);
  });
});

test("where nothing is about the concept, probes guess", () => {
  const noise = features(null);
  const { length } = task.test.labels;
  const isChance = (share: number) => {
    const { low, high } = wilsonInterval(Math.round(share * length), length, 0.999);
    expect(low).toBeLessThan(0.5);
    expect(high).toBeGreaterThan(0.5);
  };
  isChance(probeTop(noise, task, 1).accuracy);
  isChance(probeTop(noise, task, 5).accuracy);
  isChance(probeFull(noise, task));
  expect(Math.abs(probeCurve(noise, task, 5).auc - 0.5)).toBeLessThan(0.12);
});

test("labels in a random order are not found in a latent that is the concept", () => {
  const shuffled: ProbingTask = {
    ...task,
    train: { ...task.train, labels: task.train.labels.toReversed() },
    test: { ...task.test, labels: task.test.labels.toReversed() },
  };
  const { accuracy } = probeTop(features(7), shuffled, 1);
  expect(Math.abs(accuracy - 0.5)).toBeLessThan(0.12);
});

test("silent latents answer like a constant", () => {
  const silent = sparseRowsOf(new Float32Array(texts * latents), latents);
  expect(probeTop(silent, task, 2)).toEqual({ latents: [0, 1], accuracy: 0.5 });
  expect(probeFull(silent, task)).toBe(0.5);
  expect(probeCurve(silent, task, 5).auc).toBe(0.5);
});

test("k latents need as many", () => {
  expect(() => probeTop(features(7), task, 13)).toThrow("needed at least k = 13 latents, got 12");
  expect(() =>
    probeTop(features(7), { ...task, test: { rows: new Int32Array(0), labels: new Uint8Array(0) } }, 1),
  ).toThrow("needed at least one test text, got none");
});

test("at most 1024 texts train the curve's probe, and its choice sees no test text", () => {
  // 1024 texts whose labels are right, then more whose labels are wrong.
  const rows = Int32Array.from({ length: 4000 }, (_, i) => i % 400);
  const labels = Uint8Array.from(rows, (text, i) => (i < 1024 ? 1 - (text % 2) : text % 2));
  expect(probeCurve(features(7), { ...task, train: { rows, labels } }, 1).auc).toBe(1);
  expect(probeTop(features(7), { ...task, train: { rows, labels } }, 1).accuracy).toBe(0);
  const flipped: ProbingTask = { ...task, test: { ...task.test, labels: task.test.labels.map((label) => 1 - label) } };
  const [own, other] = [probeCurve(features(3), task, 2), probeCurve(features(3), flipped, 2)];
  expect(other).toMatchObject({ latents: own.latents, C: own.C });
  expect(other.auc).toBeCloseTo(1 - own.auc, 12);
});
