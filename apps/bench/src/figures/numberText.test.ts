import { expect, test } from "vitest";
import { decades, decimal, groupThousands, percent, powerOfTen, shortCount } from "./numberText.js";

test("powers of ten", () => {
  expect([1e-5, 0.01, 1, 10, 1e12].map(powerOfTen)).toEqual(["10⁻⁵", "10⁻²", "10⁰", "10¹", "10¹²"]);
  expect(powerOfTen(0.02)).toBe("0.02");
  expect(decades(10 ** -5.5, 10 ** -1.2)).toEqual([1e-5, 1e-4, 1e-3, 1e-2]);
  expect(decades(1, 1000)).toEqual([1, 10, 100, 1000]);
  expect(decades(2, 9)).toEqual([]);
});

test("counts", () => {
  expect([0, 999, 3200, 73_728, 1_234_567].map(groupThousands)).toEqual([
    "0",
    "999",
    "3\u2009200",
    "73\u2009728",
    "1\u2009234\u2009567",
  ]);
  expect([0, 512, 20_000, 4_096_000, 500e6, 2.5e9].map(shortCount)).toEqual([
    "0",
    "512",
    "20k",
    "4.1M",
    "500M",
    "2.5B",
  ]);
});

test("shares keep the digits that matter", () => {
  const shown = [0, 3 / 3200, 0.093, 0.5, 3199 / 3200, 1].map((share) => percent(share).replace("\u00a0", " "));
  expect(shown).toEqual(["0 %", "0.09 %", "9.3 %", "50 %", "99.97 %", "100 %"]);
});

test("a minus sign is a minus sign", () => {
  expect(decimal(-0.125, 2)).toBe("−0.13");
});
