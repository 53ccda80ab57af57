import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { neg } from "./ops/unary.js";
import { portableCosSin, portableExp, portableLog } from "./portableMath.js";
import { float32 } from "./tensorType.js";

/** Differences are counted in units of the last place of the expected number. */
const unitsOff = (got: number, expected: number) => Math.abs(got / expected - 1) * 2 ** 52;

/** Points from 2^-60 to 2^60, dense around 1. */
const positive = Array.from({ length: 20_001 }, (_, i) => 2 ** ((i - 10_000) ** 3 * 6e-11));

test("portableLog", () => {
  expect(portableLog(1)).toBe(0);
  expect(portableLog(2)).toBe(Math.LN2);
  expect(portableLog(0.5)).toBe(-Math.LN2);
  expect(portableLog(Number.MAX_VALUE)).toBeCloseTo(709.782712893384, 12);
  expect(portableLog(2 ** -1022)).toBeCloseTo(-708.3964185322641, 12);
  const worst = Math.max(...positive.filter((x) => x !== 1).map((x) => unitsOff(portableLog(x), Math.log(x))));
  expect(worst).toBeLessThan(3);
});

test("portableExp", () => {
  expect(portableExp(0)).toBe(1);
  expect(unitsOff(portableExp(1), Math.E)).toBeLessThan(2);
  expect(portableExp(710)).toBe(Number.POSITIVE_INFINITY);
  expect(portableExp(-709)).toBe(0);
  const points = Array.from({ length: 20_001 }, (_, i) => (i - 10_000) * 0.0707);
  const worst = Math.max(...points.map((x) => unitsOff(portableExp(x), Math.exp(x))));
  expect(worst).toBeLessThan(3);
});

test("portableCosSin of an angle in turns", () => {
  const pair = new Float64Array(2);
  for (const [turns, cos, sin] of [
    [0, 1, 0],
    [0.25, 0, 1],
    [0.5, -1, 0],
    [0.75, 0, -1],
    [1, 1, 0],
    [1 / 8, Math.SQRT1_2, Math.SQRT1_2],
    [1 / 12, Math.sqrt(3) / 2, 0.5],
  ]) {
    portableCosSin(turns, pair);
    expect(pair[0]).toBeCloseTo(cos, 15);
    expect(pair[1]).toBeCloseTo(sin, 15);
  }
  let worst = 0;
  for (let i = 0; i <= 10_000; i++) {
    const angle = (2 * Math.PI * i) / 10_000;
    portableCosSin(i / 10_000, pair);
    worst = Math.max(worst, Math.abs(pair[0] - Math.cos(angle)), Math.abs(pair[1] - Math.sin(angle)));
  }
  expect(worst).toBeLessThan(2e-15); // most of it is the rounding of the angle in radians
});

test("the bits, which must be these on every machine", () => {
  const pair = new Float64Array(2);
  portableCosSin(0.1, pair);
  expect([portableLog(0.1), portableExp(0.1), ...pair]).toMatchInlineSnapshot(`
    [
      -2.3025850929940455,
      1.1051709180756477,
      0.8090169943749475,
      0.5877852522924731,
    ]
  `);
});

test("the ends of the range, once onnxruntime has made subnormal numbers zeros in this thread", async () => {
  const program = await compile({ x: float32(1) }, ({ x }) => ({ y: neg(x) }));
  await program.dispose();
  expect(Float64Array.of(2 ** -1022)[0] / 2).toBe(0);
  expect(portableLog(Number.MAX_VALUE)).toBeCloseTo(709.782712893384, 12);
  expect(portableLog(2 ** -1022)).toBeCloseTo(-708.3964185322641, 12);
  expect(portableExp(-708)).toBeCloseTo(0, 300);
  expect(portableExp(-708)).toBeGreaterThan(0);
});
