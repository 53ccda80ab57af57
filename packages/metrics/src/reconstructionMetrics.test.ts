import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { reconstructionMetrics } from "./reconstructionMetrics.js";

/** Worked by hand: what each definition says of the same three reconstructions. */
const worked = [
  {
    x: [2, 0, 0, 4],
    xHat: [2, 1, 0, 3],
    dModel: 2,
    values: {
      explainedVariance: 0.8,
      explainedVarianceSaebench06: 1.066667,
      explainedVarianceLegacy: 0.8,
      explainedVarianceResidualCentred: 0.8,
      explainedVarianceUncentred: 0.9,
      explainedVarianceScalarMean: 1 - 2 / 11,
      fractionVarianceUnexplained: 0.2,
      relativeReconstructionBias: 0.875,
      shrinkage: (Math.sqrt(5) / 2 + 3 / 4) / 2,
      meanSquaredError: 1,
    },
  },
  {
    x: [0, 1, 5],
    xHat: [0.5, 1, 5],
    dModel: 1,
    values: {
      explainedVariance: 0.982143,
      explainedVarianceSaebench06: 1.001254,
      explainedVarianceLegacy: 0.979167,
      explainedVarianceResidualCentred: 0.988095,
      explainedVarianceUncentred: 0.990385,
      explainedVarianceScalarMean: 0.982143,
      fractionVarianceUnexplained: 0.25 / 14,
      relativeReconstructionBias: 1.009615,
      shrinkage: 1,
      meanSquaredError: 0.25 / 3,
    },
  },
  {
    x: [1, 0, 3, 2, 5, 1, 7, 5],
    xHat: [1.5, 0, 3, 1, 4, 1, 7, 6],
    dModel: 2,
    values: {
      explainedVariance: 0.904412,
      explainedVarianceSaebench06: 1.004654,
      explainedVarianceLegacy: 0.606303,
      explainedVarianceResidualCentred: 0.90625,
      explainedVarianceUncentred: 0.971491,
      explainedVarianceScalarMean: 1 - 3.25 / 42,
      fractionVarianceUnexplained: 3.25 / 34,
      relativeReconstructionBias: 1.015556,
      shrinkage: (1.5 + Math.sqrt(10 / 13) + Math.sqrt(17 / 26) + Math.sqrt(85 / 74)) / 4,
      meanSquaredError: 3.25 / 4,
    },
  },
] as const;

/** Two batches of one dimension, each reconstructed by its own mean: worthless within a batch, good over both. */
const twoBatches = {
  x: [
    [0, 2],
    [10, 12],
  ],
  xHat: [
    [1, 1],
    [11, 11],
  ],
  values: {
    explainedVariance: 1 - 4 / 104,
    explainedVarianceSaebench06: 1 - 1 / (62 - 62 ** 2),
    explainedVarianceLegacy: 0,
    explainedVarianceResidualCentred: 0,
    explainedVarianceUncentred: 1 - 4 / 248,
    explainedVarianceScalarMean: 0,
    fractionVarianceUnexplained: 1,
    relativeReconstructionBias: (1 + 242 / 242) / 2,
    shrinkage: (0.5 + 1.1 + 11 / 12) / 3,
    meanSquaredError: 1,
  },
} as const;

/** Definitions made of sums over all rows; the others depend on where batches begin. */
const independentOfBatches = [
  "explainedVariance",
  "explainedVarianceUncentred",
  "explainedVarianceSaebench06",
  "shrinkage",
  "meanSquaredError",
];

const rowsOf = (dModel: number, maxRows: number) =>
  fc.array(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 2 * dModel, maxLength: 2 * dModel }), {
    maxLength: maxRows,
  });

describe.each(reconstructionMetrics)("$name", (metric) => {
  type Name = keyof (typeof worked)[number]["values"];
  const name = metric.name as Name;

  test.each(worked)("of $x and $xHat", ({ x, xHat, dModel, values }) => {
    expect(metric.of(Float32Array.from(x), Float32Array.from(xHat), dModel)).toBeCloseTo(values[name], 6);
  });

  test("over two batches", () => {
    const accumulator = metric.start(1);
    twoBatches.x.forEach((x, i) => {
      accumulator.add(Float32Array.from(x), Float32Array.from(twoBatches.xHat[i]));
    });
    expect(accumulator.value()).toBeCloseTo(twoBatches.values[name], 12);
  });

  test("of a perfect reconstruction", () => {
    const x = Float32Array.of(1, 0, 3, 2, 5, 1, 7, 5);
    expect(metric.of(x, x, 2)).toBeCloseTo(metric.perfect, 12);
  });

  test("ignores empty batches, and refuses a value when there was nothing else", () => {
    const accumulator = metric.start(2);
    accumulator.add(new Float32Array(0), new Float32Array(0));
    expect(() => accumulator.value()).toThrow(
      `${metric.name}: needed at least one row, got none; add a batch before reading the value`,
    );
    accumulator.add(Float32Array.of(2, 0, 0, 4), Float32Array.of(2, 1, 0, 3));
    accumulator.add(new Float32Array(0), new Float32Array(0));
    expect(accumulator.value()).toBeCloseTo(worked[0].values[name], 6);
  });

  test("refuses arrays that do not fit", () => {
    expect(() => metric.of(new Float32Array(4), new Float32Array(2), 2)).toThrow(
      `${metric.name}: needed two arrays of one length, got 4 and 2`,
    );
    expect(() => metric.of(new Float32Array(3), new Float32Array(3), 2)).toThrow(
      `${metric.name}: needed a length divisible by the row width 2, got 3; pass whole rows`,
    );
    expect(() => metric.start(0).add(new Float32Array(0), new Float32Array(0))).toThrow("positive integer, got 0");
  });
});

test.each(reconstructionMetrics.filter(({ name }) => independentOfBatches.includes(name)))(
  "$name does not depend on where batches begin",
  (metric) => {
    fc.assert(
      fc.property(rowsOf(2, 6), fc.nat(6), (rows, cut) => {
        fc.pre(rows.length > 0);
        const columns = (from: number, to: number, start: number, end: number) =>
          Float32Array.from(rows.slice(start, end).flatMap((row) => row.slice(from, to)));
        const whole = metric.of(columns(0, 2, 0, rows.length), columns(2, 4, 0, rows.length), 2);
        const split = metric.start(2);
        split.add(columns(0, 2, 0, cut), columns(2, 4, 0, cut));
        split.add(columns(0, 2, cut, rows.length), columns(2, 4, cut, rows.length));
        const value = split.value();
        if (Number.isFinite(whole)) expect(value).toBeCloseTo(whole, 9);
        else expect(value).toBe(whole);
      }),
    );
  },
);

test("no two definitions share a name", () => {
  const names = reconstructionMetrics.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
