import { fillNormal, fold, key } from "@sae/core";
import { describe, expect, it } from "vitest";
import { hardlyParted, straightValley } from "./hardlyParted.testkit.js";
import { lassoRegression } from "./lassoRegression.js";
import type { LinearProbe } from "./logisticRegression.js";

function twoClasses(name: string, n: number, k: number, { shift = 1, scale = 1 } = {}) {
  const y = Array.from({ length: n }, (_, i) => i % 2);
  const x = fillNormal(fold(key("lasso"), name), new Float64Array(n * k)).map(
    (value, at) => scale * (value + (at % k < 2 ? shift * y[Math.floor(at / k)] : 0)),
  );
  return { x, y, n, k };
}

/** Σ C(p − y) x for each latent, and for the intercept last. */
function lossGradient(x: Float64Array, y: readonly number[], { weights, intercept }: LinearProbe, C: number): number[] {
  const k = weights.length;
  const gradient = new Array<number>(k + 1).fill(0);
  y.forEach((label, i) => {
    const row = x.subarray(i * k, (i + 1) * k);
    const z = row.reduce((sum, value, j) => sum + value * weights[j], intercept);
    const pull = C * (1 / (1 + Math.exp(-z)) - label);
    row.forEach((value, j) => {
      gradient[j] += pull * value;
    });
    gradient[k] += pull;
  });
  return gradient;
}

/** The plain way: proximal gradient steps, ISTA. */
function proximalDescent({ x, y, k }: ReturnType<typeof twoClasses>, C: number): LinearProbe {
  const probe = { weights: new Float64Array(k), intercept: 0 };
  const rate = 1 / (C * 0.25 * (x.reduce((sum, value) => sum + value * value, 0) + y.length));
  for (let step = 0; step < 10_000; step++) {
    const gradient = lossGradient(x, y, probe, C);
    for (let j = 0; j < k; j++) {
      const free = probe.weights[j] - rate * gradient[j];
      probe.weights[j] = Math.sign(free) * Math.max(0, Math.abs(free) - rate);
    }
    probe.intercept -= rate * gradient[k];
  }
  return probe;
}

describe("the minimum", () => {
  it.each([0.05, 0.5, 5])("is where plain proximal descent arrives, C = %d", (C) => {
    const classes = twoClasses("plain", 30, 4);
    const [plain, fast] = [proximalDescent(classes, C), lassoRegression(classes.x, 4, classes.y, { C })];
    fast.weights.forEach((w, j) => {
      expect(w).toBeCloseTo(plain.weights[j], 6);
    });
    expect(fast.intercept).toBeCloseTo(plain.intercept, 6);
  });

  /** A latent that only positives have, as SAEs have them: its weight and the intercept can stand in for each other. */
  const latents = { y: Array.from({ length: 40 }, (_, i) => Number(i % 5 < 2)), n: 40, k: 2 };
  const oneSided = Float64Array.from({ length: 80 }, (_, at) => {
    const [i, j] = [Math.floor(at / 2), at % 2];
    if (j === 0) return i % 7 === 0 ? 20 + i : 0;
    return latents.y[i] === 1 && i % 3 === 0 ? 30 + i : 0;
  });
  /** Six latents of which three are copies of others, active on a few texts. */
  const twins = (at: number): number => {
    const [i, j] = [Math.floor(at / 6), (at % 6) % 3];
    return i % (5 + j) === 0 ? 10 + ((7 * i + j) % 30) : 0;
  };
  const cases = {
    "saying the same": { y: latents.y, n: 40, k: 6, x: Float64Array.from({ length: 240 }, (_, at) => twins(at)) },
    "one-sided": { ...latents, x: oneSided },
    "hardly parted": hardlyParted,
    "in a straight valley": straightValley,
    many: twoClasses("many", 150, 40),
    parted: twoClasses("parted", 60, 5, { shift: 30 }),
    tiny: twoClasses("tiny", 60, 5, { scale: 1e-4 }),
    large: twoClasses("large", 60, 5, { scale: 1e3 }),
    wide: twoClasses("wide", 12, 30),
    two: twoClasses("two", 2, 2),
  };
  for (const [name, { x, y, k }] of Object.entries(cases)) {
    it.each([1e-5, 1e-2, 1, 100, 1e5])(`has the signs and gradients of a lasso: ${name}, C = %d`, (C) => {
      const probe = lassoRegression(x, k, y, { C });
      const gradient = lossGradient(x, y, probe, C);
      const scale = 1 + C * y.length * x.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
      expect(Math.abs(gradient[k])).toBeLessThan(1e-7 * scale);
      probe.weights.forEach((w, j) => {
        const off = w === 0 ? Math.max(0, Math.abs(gradient[j]) - 1) : Math.abs(gradient[j] + Math.sign(w));
        expect(off).toBeLessThan(1e-7 * scale);
      });
    });
  }

  it("leaves out every latent where the penalty is strong enough", () => {
    const { x, y, k } = twoClasses("strong", 40, 6);
    const { weights, intercept } = lassoRegression(x, k, y, { C: 1e-5 });
    expect([...weights, intercept]).toEqual([0, 0, 0, 0, 0, 0, 0]);
  });

  it("of silent latents is the share of positives", () => {
    const { weights, intercept } = lassoRegression(new Float64Array(8), 2, [1, 1, 1, 0]);
    expect([...weights]).toEqual([0, 0]);
    expect(intercept).toBeCloseTo(Math.log(3), 12);
  });
});

it("says what is wrong", () => {
  expect(() => lassoRegression(new Float64Array(3), 2, [0, 1])).toThrow("needed [2, 2], got 3 numbers");
  expect(() => lassoRegression(new Float64Array(2), 1, [1, 1])).toThrow("got 2 positives of 2");
  expect(() => lassoRegression(Float64Array.of(1, Number.NaN), 1, [0, 1])).toThrow("needed finite features");
});
