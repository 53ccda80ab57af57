import { key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { bootstrapInterval } from "./bootstrapInterval.js";
import { bootstrapStatistic } from "./bootstrapStatistic.js";
import { normalQuantile, studentQuantile } from "./distributions.js";
import { meanDifference, meanInterval } from "./meanInterval.js";
import { pairedDifferenceInterval } from "./pairedDifferenceInterval.js";
import { quantile } from "./quantile.js";
import { scoreAbove } from "./score.js";
import { studentInterval } from "./studentInterval.js";
import { wilsonInterval } from "./wilsonInterval.js";

const hundred = Float64Array.from({ length: 100 }, (_, i) => i / 99); // sd 0.2930, standard error 0.02930

test("quantiles interpolate between neighbours", () => {
  expect(quantile([1, 2, 4], 0.5)).toBe(2);
  expect(quantile([1, 2, 4], 0.75)).toBe(3);
  expect(quantile([7], 0.3)).toBe(7);
  expect(() => quantile([], 0.5)).toThrow("quantile: needed at least one value");
});

test("tables of Student's t and the normal distribution", () => {
  const t95 = [12.706205, 4.302653, 3.182446, 2.776445];
  t95.forEach((t, i) => {
    expect(studentQuantile(i + 1, 0.95)).toBeCloseTo(t, 6);
  });
  expect(studentQuantile(100, 0.99)).toBeCloseTo(2.625891, 6);
  expect(normalQuantile(0.95)).toBeCloseTo(1.959964, 6);
  expect(normalQuantile(0.99)).toBeCloseTo(2.575829, 6);
});

describe("bootstrap", () => {
  test("agrees with the normal approximation on a hundred values", () => {
    const interval = bootstrapInterval(hundred);
    expect(interval).toMatchObject({ mean: expect.closeTo(0.5, 12), n: 100, confidence: 0.95, method: "bootstrap" });
    expect(interval.low).toBeCloseTo(0.5 - 1.96 * 0.0293, 2);
    expect(interval.high).toBeCloseTo(0.5 + 1.96 * 0.0293, 2);
  });

  test("is the same every time, and another stream gives another interval", () => {
    expect(bootstrapInterval(hundred)).toEqual(bootstrapInterval(hundred));
    expect(bootstrapInterval(hundred, { key: key(1) }).low).not.toBe(bootstrapInterval(hundred).low);
  });

  test("of equal values is that value", () => {
    expect(bootstrapInterval([0.3, 0.3])).toMatchObject({ mean: 0.3, low: 0.3, high: 0.3, sd: 0 });
  });

  test("has no interval for one value and no mean for none", () => {
    expect(bootstrapInterval([0.3])).toEqual({
      mean: 0.3,
      low: null,
      high: null,
      sd: null,
      n: 1,
      confidence: 0.95,
      method: "none",
    });
    expect(() => bootstrapInterval([])).toThrow("bootstrapInterval: needed at least one value");
  });

  test("refuses what is not finite, which would spoil one end and leave the other", () => {
    const refusal = expect.objectContaining({
      code: "non_finite",
      message: "bootstrapInterval: needed finite values, got NaN at 2; leave out what has no value",
    });
    expect(() => bootstrapInterval([1, 2, Number.NaN, 3])).toThrow(refusal);
    expect(() => bootstrapInterval([1, Number.POSITIVE_INFINITY])).toThrow("got Infinity at 1");
    expect(bootstrapStatistic(4, ([first]) => (first === 0 ? Number.NaN : first))).toEqual({
      low: Number.NaN,
      high: Number.NaN,
    });
  });

  test("pairs cancel what both sides share", () => {
    const better = hundred.map((value) => value + 0.01);
    expect(pairedDifferenceInterval(better, hundred)).toMatchObject({
      mean: expect.closeTo(0.01, 12),
      low: expect.closeTo(0.01, 12),
      high: expect.closeTo(0.01, 12),
      method: "paired bootstrap",
    });
    expect(() => pairedDifferenceInterval([1], [1, 2])).toThrow("one score of each side for every item, got 1 and 2");
  });
});

test("Student's interval of two seeds is wide", () => {
  expect(studentInterval([1, 3])).toEqual({
    mean: 2,
    low: expect.closeTo(2 - 12.706205, 5),
    high: expect.closeTo(2 + 12.706205, 5),
    sd: Math.SQRT2,
    n: 2,
    confidence: 0.95,
    method: "student t",
  });
  expect(studentInterval([1])).toMatchObject({ low: null, method: "none" });
});

test("Wilson's interval of few successes stays above 0", () => {
  // (p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n) with p = 1/10
  expect(wilsonInterval(1, 10)).toMatchObject({
    mean: 0.1,
    low: expect.closeTo(0.017876, 5),
    high: expect.closeTo(0.40415, 5),
    sd: null,
    method: "wilson",
  });
  expect(wilsonInterval(0, 3200)).toMatchObject({ low: 0, high: expect.closeTo(0.001199, 6) });
  expect(wilsonInterval(1, 1)).toMatchObject({ high: 1, low: expect.closeTo(0.206549, 5) });
  expect(() => wilsonInterval(4, 3)).toThrow("needed whole numbers with 0 ≤ successes ≤ trials, got 4 of 3");
});

test("the number of values chooses the method", () => {
  expect(meanInterval([1]).method).toBe("none");
  expect(meanInterval([1, 2, 3]).method).toBe("student t");
  expect(meanInterval(hundred).method).toBe("bootstrap");
  expect(meanDifference([1, 2], [0, 0]).method).toBe("student t");
  expect(
    meanDifference(
      hundred,
      hundred.map(() => 0),
    ).method,
  ).toBe("paired bootstrap");
});

test("a score above its floor", () => {
  expect(scoreAbove(meanInterval([0.9]), 0.5)).toMatchObject({
    mean: 0.9,
    floor: 0.5,
    ceiling: 1,
    aboveFloor: expect.closeTo(0.4, 12),
    shareOfRange: expect.closeTo(0.8, 12),
  });
  expect(() => scoreAbove(meanInterval([0.9]), 1)).toThrow("needed floor < ceiling, got 1 and 1");
});

test("a confidence is a probability", () => {
  for (const interval of [
    () => bootstrapInterval([1, 2], { confidence: 95 }),
    () => studentInterval([1, 2], 95),
    () => wilsonInterval(1, 2, 95),
  ]) {
    expect(interval).toThrow("needed a confidence between 0 and 1, got 95; 95 % is 0.95");
  }
});
