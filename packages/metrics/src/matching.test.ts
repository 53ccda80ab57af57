import fc from "fast-check";
import { expect, test } from "vitest";
import { bestCosines } from "./bestCosines.js";
import { matchRows } from "./matchRows.js";
import { maxCosineToOthers } from "./maxCosineToOthers.js";
import { meanBestCosine } from "./meanBestCosine.js";
import { meanMatchedCosine } from "./meanMatchedCosine.js";
import { meanPairwiseCosine } from "./meanPairwiseCosine.js";
import { sharedFraction } from "./sharedFraction.js";
import { uniqueness } from "./uniqueness.js";

const axes = Float32Array.of(1, 0, 0, 1); // [2, 2]

test("best cosines keep the sign unless asked not to", () => {
  const decoder = Float32Array.of(-1, 0, 0.6, 0.8); // [2, 2]
  const { cosine, index } = bestCosines(axes, decoder, 2);
  expect([...cosine]).toEqual([expect.closeTo(0.6, 6), expect.closeTo(0.8, 6)]);
  expect([...index]).toEqual([1, 1]);
  expect(bestCosines(axes, decoder, 2, "absolute").index).toEqual(Int32Array.of(0, 1));
  expect(meanBestCosine(axes, decoder, 2)).toBeCloseTo(0.7, 6);
});

test("matching gives each row a partner of its own", () => {
  const decoder = Float32Array.of(1, 0, 0.8, 0.6); // [2, 2]: both rows are closest to the first axis
  expect(bestCosines(decoder, axes, 2).index).toEqual(Int32Array.of(0, 0));
  expect(matchRows(axes, decoder, 2)).toEqual([
    { a: 0, b: 0, cosine: 1 },
    { a: 1, b: 1, cosine: expect.closeTo(0.6, 6) },
  ]);
  expect(meanMatchedCosine(axes, decoder, 2)).toBeCloseTo(0.8, 6);
  expect(uniqueness(decoder, axes, 2)).toBe(0.5);
});

test("a greedy choice would lose what the assignment finds", () => {
  const at = (...degrees: number[]) =>
    Float32Array.from(degrees.flatMap((d) => [Math.cos((d * Math.PI) / 180), Math.sin((d * Math.PI) / 180)]));
  // Greedy pairs 0° with 10° (cosine 0.985) and is left with −40° and 50°, which are orthogonal.
  const matches = matchRows(at(0, -40), at(10, 50), 2);
  expect(matches.map(({ a, b }) => [a, b])).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(meanMatchedCosine(at(0, -40), at(10, 50), 2)).toBeCloseTo(Math.cos((50 * Math.PI) / 180), 6);
});

const matrix = (rows: number) =>
  fc
    .array(fc.integer({ min: -5, max: 5 }), { minLength: rows * 3, maxLength: rows * 3 })
    .map((v) => Float32Array.from(v));

test("the assignment is the best of all permutations, from both sides, for any row counts", () => {
  const sized = fc.tuple(fc.nat(4), fc.nat(4)).chain(([nA, nB]) => fc.tuple(matrix(nA), matrix(nB)));
  fc.assert(
    fc.property(sized, ([a, b]) => {
      const matches = matchRows(a, b, 3);
      expect(matches).toHaveLength(Math.min(a.length, b.length) / 3);
      expect(new Set(matches.map((match) => match.a)).size).toBe(matches.length);
      expect(new Set(matches.map((match) => match.b)).size).toBe(matches.length);
      const total = matches.reduce((sum, { cosine }) => sum + cosine, 0);
      expect(total).toBeCloseTo(bestTotal(a, b, 3), 5);
      if (matches.length > 0) expect(meanMatchedCosine(b, a, 3)).toBeCloseTo(meanMatchedCosine(a, b, 3), 5);
    }),
  );
});

/** The largest total |cosine| over all one-to-one partners, by trying them all. */
function bestTotal(a: Float32Array, b: Float32Array, dModel: number): number {
  const nA = a.length / dModel;
  const nB = b.length / dModel;
  if (nA > nB) return bestTotal(b, a, dModel);
  const cosine = (i: number, j: number) => {
    const u = a.subarray(i * dModel, (i + 1) * dModel);
    const v = b.subarray(j * dModel, (j + 1) * dModel);
    const product = u.reduce((sum, value, d) => sum + value * v[d], 0);
    return product === 0 ? 0 : Math.abs(product) / (Math.hypot(...u) * Math.hypot(...v));
  };
  const from = (i: number, taken: ReadonlySet<number>): number => {
    if (i === nA) return 0;
    let best = 0;
    for (let j = 0; j < nB; j++) {
      if (!taken.has(j)) best = Math.max(best, cosine(i, j) + from(i + 1, new Set([...taken, j])));
    }
    return best;
  };
  return from(0, new Set());
}

test("a reordered, rescaled and negated dictionary is the same dictionary", () => {
  fc.assert(
    fc.property(matrix(4), fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4 }), (rows, order) => {
      const row = (i: number) => [...rows.subarray(3 * i, 3 * i + 3)];
      fc.pre(order.every((i) => row(i).some((value) => value !== 0)));
      const changed = Float32Array.from(order.flatMap((i) => row(i).map((value) => -2.5 * value)));
      expect(meanMatchedCosine(rows, changed, 3)).toBeCloseTo(1, 5);
      expect(meanMatchedCosine(rows, changed, 3, "signed")).toBeLessThan(1);
    }),
  );
});

test("duplicated rows stand out", () => {
  const rows = Float32Array.of(1, 0, 2, 0, 0, -3); // [3, 2]
  expect(maxCosineToOthers(rows, 2)).toEqual(Float64Array.of(1, 1, 0));
  expect(meanPairwiseCosine(rows, 2)).toBeCloseTo(1 / 3, 12);
  expect(maxCosineToOthers(Float32Array.of(1, 0), 2)).toEqual(Float64Array.of(-1));
});

test("a latent is shared when encoder and decoder agree on its partner", () => {
  const a = { encoder: axes, decoder: axes };
  expect(sharedFraction(a, a, 2)).toEqual([1]);
  const swappedDecoder = { encoder: axes, decoder: Float32Array.of(0, 1, 1, 0) };
  expect(sharedFraction(a, swappedDecoder, 2)).toEqual([0]);
  const tilted = { encoder: axes, decoder: Float32Array.of(0.8, 0.6, -0.6, 0.8) };
  expect(sharedFraction(a, tilted, 2, [0.7, 0.9])).toEqual([1, 0]);
});

test("refuses what cannot be compared", () => {
  expect(() => bestCosines(axes, new Float32Array(0), 2)).toThrow("bestCosines: needed at least one candidate row");
  expect(() => meanBestCosine(new Float32Array(0), axes, 2)).toThrow("meanBestCosine: needed at least one row");
  expect(() => meanMatchedCosine(axes, new Float32Array(0), 2)).toThrow("meanMatchedCosine: needed at least one pair");
  expect(() => meanPairwiseCosine(Float32Array.of(1, 0), 2)).toThrow("needed at least one pair of rows, got none");
  const notFinite = Float32Array.of(1, 0, Number.NaN, 1, 0, Number.POSITIVE_INFINITY); // [3, 2]
  for (const compare of [bestCosines, matchRows, meanBestCosine, meanMatchedCosine, uniqueness]) {
    for (const compared of [() => compare(axes, notFinite, 2), () => compare(notFinite, axes, 2)]) {
      expect(compared).toThrow(expect.objectContaining({ code: "non_finite" }));
      expect(compared).toThrow(`needed finite directions, got NaN or infinity in row 1; did the training diverge?`);
    }
  }
  for (const compareAll of [maxCosineToOthers, meanPairwiseCosine])
    expect(() => compareAll(notFinite.subarray(4), 2)).toThrow("got NaN or infinity in row 0");
  expect(uniqueness(new Float32Array(0), axes, 2)).toBe(0);
});
