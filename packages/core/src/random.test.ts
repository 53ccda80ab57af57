import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SaeError } from "./error.js";
import { normalSequence } from "./normalSequence.js";
import { fillNormal, fillUniform, fold, key, sequence } from "./random.js";

const root = key(2024);
const mean = (values: ArrayLike<number>, of = (x: number) => x) =>
  Array.from(values, of).reduce((sum, x) => sum + x, 0) / values.length;

/** How many standard deviations χ² of the counts is from what equal probabilities give. */
function chiSquareZ(counts: ArrayLike<number>): number {
  const expected = mean(counts);
  const degrees = counts.length - 1;
  const chiSquare = Array.from(counts, (count) => (count - expected) ** 2 / expected).reduce((a, b) => a + b);
  return (chiSquare - degrees) / Math.sqrt(2 * degrees);
}

describe("keys", () => {
  test("a seed is a number or a string; equal seeds give equal keys", () => {
    expect(key(7)).toEqual(key(7));
    expect(key("7")).not.toEqual(key(7));
    expect(key(2 ** 32)).not.toEqual(key(0));
  });

  test("folding several data is folding them one after the other", () => {
    expect(fold(root, "batch", 7)).toEqual(fold(fold(root, "batch"), 7));
  });

  test("different names give different keys", () => {
    const names = ["", "a", "b", "ab", "ba", "abcdefgh", "abcdefgh\0", "abcdefghi", "\0", "ä", "日本"];
    const keys = names.map((name) => fold(root, name).join());
    const numbers = [0, 1, 255, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER].map((n) => fold(root, n).join());
    expect(new Set([root.join(), ...keys, ...numbers]).size).toBe(1 + names.length + numbers.length);
    expect(fold(root, "a", "b")).not.toEqual(fold(root, "ab"));
  });

  test("a folded key is no element of its parent's stream", () => {
    const uniform = fillUniform(root, new Float64Array(100));
    for (let i = 0; i < 100; i++) {
      expect(fillUniform(fold(root, i), new Float64Array(1))[0]).not.toBe(uniform[i]);
    }
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 53])("%d is no seed", (seed) => {
    expect(() => key(seed)).toThrow(SaeError);
    expect(() => key(seed)).toThrow(/^fold: needed a whole number from 0 to 2\^53 - 1 or a string, got/);
  });
});

describe.each([
  { name: "fillUniform", fill: fillUniform },
  { name: "fillNormal", fill: fillNormal },
])("$name", ({ fill }) => {
  test.each([Float32Array, Float64Array])("element i depends on the key and i alone (%o)", (ArrayType) => {
    const all = fill(root, new ArrayType(2000));
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (offset, length) => {
        expect(fill(root, new ArrayType(length), offset)).toEqual(all.slice(offset, offset + length));
      }),
    );
  });

  test("positions beyond 2^32", () => {
    const before = fill(root, new Float64Array(8), 2 ** 33 - 4);
    const after = fill(root, new Float64Array(4), 2 ** 33);
    expect(before.slice(4)).toEqual(after);
    expect(after).not.toEqual(fill(root, new Float64Array(4), 0));
  });

  test("an offset must be a whole number", () => {
    expect(() => fill(root, new Float32Array(1), -1)).toThrow("needed an offset from 0 to 2^53 - 1, got -1");
  });
});

describe("uniform numbers", () => {
  const n = 200_000;
  test.each([Float32Array, Float64Array])("moments, and as many in each of 100 bins (%o)", (ArrayType) => {
    const u = fillUniform(root, new ArrayType(n));
    expect(mean(u)).toBeCloseTo(1 / 2, 2);
    expect(mean(u, (x) => x * x)).toBeCloseTo(1 / 3, 2);
    expect(Math.min(...u.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(u.every((x) => x < 1)).toBe(true);
    const counts = new Uint32Array(100);
    for (const x of u) counts[Math.floor(x * 100)] += 1;
    expect(Math.abs(chiSquareZ(counts))).toBeLessThan(4);
  });

  test("neighbours in a stream, and the same place of two streams, are uncorrelated", () => {
    const a = fillUniform(fold(root, 0), new Float64Array(n));
    const b = fillUniform(fold(root, 1), new Float64Array(n));
    const pairs = { neighbours: new Uint32Array(400), streams: new Uint32Array(400) };
    for (let i = 0; i + 1 < n; i++) {
      pairs.neighbours[Math.floor(a[i] * 20) * 20 + Math.floor(a[i + 1] * 20)] += 1;
      pairs.streams[Math.floor(a[i] * 20) * 20 + Math.floor(b[i] * 20)] += 1;
    }
    expect(Math.abs(chiSquareZ(pairs.neighbours))).toBeLessThan(4);
    expect(Math.abs(chiSquareZ(pairs.streams))).toBeLessThan(4);
  });

  test("the first elements of many folded keys are as random as one stream", () => {
    const counts = new Uint32Array(64);
    for (let i = 0; i < 20_000; i++) {
      counts[Math.floor(fillUniform(fold(root, "child", i), new Float64Array(1))[0] * 64)] += 1;
    }
    expect(Math.abs(chiSquareZ(counts))).toBeLessThan(4);
  });
});

describe.each([
  { name: "fillNormal", draw: (n: number) => fillNormal(root, new Float64Array(n)) },
  { name: "normalSequence", draw: (n: number) => Float64Array.from({ length: n }, normalSequence(root)) },
])("normal numbers of $name", ({ draw }) => {
  const n = 400_000;
  const z = draw(n);

  test("the first four moments, within four standard errors", () => {
    for (const [power, moment, variance] of [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ]) {
      const standardError = Math.sqrt(variance / n);
      expect(Math.abs(mean(z, (x) => x ** power) - moment) / standardError).toBeLessThan(4);
    }
  });

  test.each([
    [0.5, 0.3829249225480261],
    [1, 0.6826894921370859],
    [2, 0.9544997361036416],
    [3.66, 0.9997477871],
    [4, 0.9999366575163338],
  ])("as many within ±%d as the normal distribution has", (bound, probability) => {
    const inside = z.filter((x) => Math.abs(x) < bound).length;
    expect(Math.abs(inside - n * probability) / Math.sqrt(n * probability * (1 - probability))).toBeLessThan(4);
  });

  test("neighbours are uncorrelated", () => {
    const product = mean(z.subarray(1).map((x, i) => x * z[i]));
    expect(Math.abs(product) * Math.sqrt(n)).toBeLessThan(4);
  });
});

test("sequence: as many words in each of 256 bins, by the high and by the low bits", () => {
  const next = sequence(root);
  const high = new Uint32Array(256);
  const low = new Uint32Array(256);
  for (let i = 0; i < 200_000; i++) {
    const word = next();
    high[word >>> 24] += 1;
    low[word & 255] += 1;
  }
  expect(Math.abs(chiSquareZ(high))).toBeLessThan(4);
  expect(Math.abs(chiSquareZ(low))).toBeLessThan(4);
});

test("the bits, which must be these on every machine and in every version", () => {
  const next = sequence(root);
  const normal = normalSequence(root);
  expect({
    key: root,
    folded: fold(root, "W_dec", 3),
    uniform64: [...fillUniform(root, new Float64Array(2))],
    uniform32: [...fillUniform(root, new Float32Array(2))],
    normal: [...fillNormal(root, new Float64Array(2))],
    sequence: [next(), next()],
    normalSequence: [normal(), normal()],
  }).toMatchInlineSnapshot(`
    {
      "folded": [
        1580642596,
        334986133,
      ],
      "key": [
        2302052000,
        1416596153,
      ],
      "normal": [
        -0.962043989742205,
        -1.4075907403267829,
      ],
      "normalSequence": [
        -0.6866941532430302,
        -2.4098369183767328,
      ],
      "sequence": [
        2641487577,
        2736321539,
      ],
      "uniform32": [
        0.23376935720443726,
        0.6545794606208801,
      ],
      "uniform64": [
        0.233769391883757,
        0.48094838702039433,
      ],
    }
  `);
});
