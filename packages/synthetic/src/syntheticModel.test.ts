import { SaeError } from "@sae/core";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { referenceBatch } from "./referenceBatch.js";
import { type SparseRows, sparseProductReference } from "./sparseProduct.js";
import {
  constantProbability,
  HELD_OUT,
  type SyntheticConfig,
  syntheticModel,
  variableProbability,
} from "./syntheticModel.js";

const small: Omit<SyntheticConfig, "seed"> = {
  dModel: 10,
  features: 40,
  probability: { kind: "log_uniform", logMin: -3, logMax: 0 },
  magnitude: { mu: 0.5, sigma: 0.25 },
};
const mean = (values: ArrayLike<number>, of = (x: number) => x) =>
  Array.from(values, of).reduce((sum, x) => sum + x, 0) / values.length;

describe("the two settings of the paper", () => {
  test.each([
    { name: "constantProbability", preset: constantProbability, l0: 20 },
    // 3200 · (10^-1.2 - 10^-5.5) / (4.3 ln 10) = 20.4
    { name: "variableProbability", preset: variableProbability, l0: 20.4 },
  ])("$name: 3200 unit directions in 100 dimensions, about 20 active", ({ preset, l0 }) => {
    const model = syntheticModel({ seed: 0, ...preset });
    expect(model).toMatchObject({ dModel: 100, features: 3200 });
    for (let i = 0; i < 3200; i++) {
      const row = model.directions.subarray(i * 100, (i + 1) * 100);
      expect(row.reduce((sum, x) => sum + x * x, 0)).toBeCloseTo(1, 5);
    }
    expect(Math.abs(model.expectedL0 - l0)).toBeLessThan(2);
    const { codes } = model.batchWithCodes(0, 2000);
    const standardError = Math.sqrt(model.probabilities.reduce((sum, p) => sum + p * (1 - p), 0) / 2000);
    expect(Math.abs(codes.values.length / 2000 - model.expectedL0)).toBeLessThan(4 * standardError);
  });

  test("log-uniform probabilities: a tenth of the features in each tenth of the range", () => {
    const { probabilities } = syntheticModel({ seed: 3, ...variableProbability });
    const counts = new Uint32Array(10);
    for (const p of probabilities) counts[Math.floor(((Math.log10(p) + 5.5) / 4.3) * 10)] += 1;
    for (const count of counts) expect(Math.abs(count - 320)).toBeLessThan(4 * Math.sqrt(320 * 0.9));
  });
});

test("x is the sum of magnitude × direction over the active features, to the bit", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat(20), fc.nat(50), (seed, index, batchSize) => {
      const model = syntheticModel({ seed, ...small });
      const { x, codes } = model.batchWithCodes(index, batchSize);
      expect(x).toEqual(sparseProductReference(codes, model.directions, model.dModel));
      expect(codes.rowStart[batchSize]).toBe(codes.values.length);
    }),
    { numRuns: 30 },
  );
});

test("a feature is active at most once in a sample, and features come in ascending order", () => {
  const { codes } = syntheticModel({ seed: 5, ...small }).batchWithCodes(0, 200);
  for (let row = 0; row < 200; row++) {
    const active = codes.columns.subarray(codes.rowStart[row], codes.rowStart[row + 1]);
    expect([...active]).toEqual([...new Set(active)].sort((a, b) => a - b));
  }
});

describe("a batch depends on the seed, its index and its size only", () => {
  const model = syntheticModel({ seed: 1, ...small });

  test("whatever was drawn before", () => {
    const first = model.batch(7, 100);
    model.batch(0, 3000);
    model.batch(HELD_OUT, 1);
    expect(model.batch(7, 100)).toEqual(first);
    expect(syntheticModel({ seed: 1, ...small }).batch(7, 100)).toEqual(first);
    expect(model.batchWithCodes(7, 100).x).toEqual(first);
  });

  test("another index or seed gives another batch; another seed other features", () => {
    expect(model.batch(8, 100)).not.toEqual(model.batch(7, 100));
    const other = syntheticModel({ seed: 2, ...small });
    expect(other.batch(7, 100)).not.toEqual(model.batch(7, 100));
    expect(other.directions).not.toEqual(model.directions);
  });

  test("codes that were returned are not overwritten", () => {
    const { codes } = model.batchWithCodes(0, 10);
    const copy = structuredClone(codes);
    model.batchWithCodes(1, 10);
    expect(codes).toEqual(copy);
  });

  test("the first numbers, which must be these on every machine and in every version", () => {
    const { x, codes } = model.batchWithCodes(0, 2);
    expect({
      direction: [...model.directions.subarray(0, 3)],
      probability: model.probabilities[0],
      x: [...x.subarray(0, 3)],
      columns: [...codes.columns],
      values: [...codes.values.subarray(0, 3)],
    }).toMatchInlineSnapshot(`
      {
        "columns": [
          11,
          13,
          17,
          18,
          27,
          4,
          20,
          30,
        ],
        "direction": [
          -0.35748568177223206,
          -0.28088727593421936,
          0.42815500497817993,
        ],
        "probability": 0.013587744893719767,
        "values": [
          1.9645490646362305,
          1.6950322389602661,
          1.568162441253662,
        ],
        "x": [
          -1.1503446102142334,
          -2.0435755252838135,
          -0.23011168837547302,
        ],
      }
    `);
  });

  test("it can be written into an array that is there already", () => {
    const out = new Float32Array(100 * 10);
    expect(model.batch(7, 100, out)).toBe(out);
    expect(out).toEqual(model.batch(7, 100));
    expect(() => model.batch(7, 100, new Float32Array(10))).toThrow(SaeError);
  });
});

/** Number of samples in which each feature is active. */
function activeCounts({ columns }: SparseRows, features: number): Uint32Array {
  const counts = new Uint32Array(features);
  for (const feature of columns) counts[feature] += 1;
  return counts;
}

describe("the fast sampler and the reference have the distribution of the definition", () => {
  const samples = 20_000;
  const model = syntheticModel({ seed: 11, ...small });

  describe.each([
    { name: "fast", draw: () => model.batchWithCodes(0, samples) },
    { name: "reference", draw: () => referenceBatch(model, 12, samples, { mu: 0.5, sigma: 0.25 }) },
  ])("$name", ({ draw }) => {
    const { x, codes } = draw();

    test("each feature is active with its probability (binomial, z < 4.5)", () => {
      for (const [feature, count] of activeCounts(codes, model.features).entries()) {
        const p = model.probabilities[feature];
        expect(Math.abs(count - samples * p)).toBeLessThan(4.5 * Math.sqrt(samples * p * (1 - p)) + 1);
      }
    });

    test("log magnitudes are normal with the given mean and spread", () => {
      const z = Float64Array.from(codes.values, (value) => (Math.log(value) - 0.5) / 0.25);
      for (const [power, moment, variance] of [
        [1, 0, 1],
        [2, 1, 2],
        [3, 0, 15],
        [4, 3, 96],
      ]) {
        expect(Math.abs(mean(z, (v) => v ** power) - moment)).toBeLessThan(4.5 * Math.sqrt(variance / z.length));
      }
    });

    test("two features are active together as often as chance has it", () => {
      const byRate = [...model.probabilities.keys()].sort((a, b) => model.probabilities[b] - model.probabilities[a]);
      const [first, second] = byRate.filter((feature) => model.probabilities[feature] < 0.6);
      let together = 0;
      for (let row = 0; row < samples; row++) {
        const active = codes.columns.subarray(codes.rowStart[row], codes.rowStart[row + 1]);
        if (active.includes(first) && active.includes(second)) together += 1;
      }
      const p = model.probabilities[first] * model.probabilities[second];
      expect(Math.abs(together - samples * p)).toBeLessThan(4.5 * Math.sqrt(samples * p * (1 - p)));
    });

    test("the mean of x is Σ p_i E[c] f_i", () => {
      const meanMagnitude = Math.exp(0.5 + 0.25 ** 2 / 2);
      for (let d = 0; d < model.dModel; d++) {
        let expected = 0;
        for (const [i, p] of model.probabilities.entries()) {
          expected += p * meanMagnitude * model.directions[i * model.dModel + d];
        }
        let sum = 0;
        for (let row = 0; row < samples; row++) sum += x[row * model.dModel + d];
        expect(sum / samples).toBeCloseTo(expected, 1);
      }
    });
  });
});

describe("probabilities at the ends", () => {
  const at = (p: number) =>
    syntheticModel({ seed: 1, dModel: 4, features: 3, probability: { kind: "constant", p } }).batchWithCodes(0, 50);

  test("0: never active, x is zero", () => {
    expect(at(0).codes.values.length).toBe(0);
    expect(at(0).x).toEqual(new Float32Array(200));
  });

  test("1: always active", () => {
    expect([...at(1).codes.columns]).toEqual(Array.from({ length: 150 }, (_, j) => j % 3));
  });
});

test("log-normal(0, 0.25) may mean a standard deviation or a variance", () => {
  const config = { seed: 1, dModel: 4, features: 100, probability: { kind: "constant", p: 0.5 } } as const;
  const spread = (magnitude: SyntheticConfig["magnitude"]) => {
    const logs = Float64Array.from(
      syntheticModel({ ...config, magnitude }).batchWithCodes(0, 200).codes.values,
      Math.log,
    );
    return Math.sqrt(mean(logs, (z) => z * z));
  };
  expect(spread({ mu: 0, sigma: 0.25 })).toBeCloseTo(0.25, 2);
  expect(spread({ mu: 0, variance: 0.25 })).toBeCloseTo(0.5, 1);
});

test("errors say what was needed", () => {
  const make = (config: Partial<SyntheticConfig>) => () => syntheticModel({ seed: 1, ...small, ...config });
  expect(make({ features: 0 })).toThrow("syntheticModel: needed features to be a positive whole number, got 0");
  expect(make({ probability: { kind: "constant", p: 2 } })).toThrow("needed probability.p from 0 to 1, got 2");
  expect(make({ probability: { kind: "log_uniform", logMin: -1, logMax: -2 } })).toThrow(
    "needed probability.logMin <= probability.logMax <= 0 (base 10), got -1 and -2",
  );
  expect(make({ magnitude: { mu: 0, sigma: -1 } })).toThrow('got {"mu":0,"sigma":-1}');
  expect(() => syntheticModel({ seed: 1, ...small }).batch(-1, 1)).toThrow("needed a whole number from 0 to 2^53 - 1");
});
