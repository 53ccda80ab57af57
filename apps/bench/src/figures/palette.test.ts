import { describe, expect, test } from "vitest";
import { contrast, linear, type Rgb } from "./contrast.testkit.js";
import { inkOf, paperOf, resolveColours, seriesColour, type Theme } from "./palette.js";

/** What a reader with the deficiency sees, on linear colours. Source: Machado, Oliveira and Fernandes 2009, severity 1. */
const vision: Readonly<Record<string, readonly Rgb[]>> = {
  full: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

const seen = (matrix: readonly Rgb[], colour: Rgb): Rgb =>
  matrix.map((row) => Math.min(1, Math.max(0, row[0] * colour[0] + row[1] * colour[1] + row[2] * colour[2])));

/** CIE L*a*b* of linear RGB (D65). */
function lab([r, g, b]: Rgb): Rgb {
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

const difference = (a: Rgb, b: Rgb): number => Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);

describe.each<Theme>(["light", "dark"])("%s palette", (theme) => {
  const colours = Array.from({ length: 6 }, (_, i) => resolveColours(seriesColour(i), theme));

  test("text and data stand out from the paper", () => {
    expect(contrast(inkOf(theme), paperOf(theme))).toBeGreaterThan(7);
    for (const colour of colours) expect(contrast(colour, paperOf(theme)), colour).toBeGreaterThan(3);
  });

  test.each(Object.keys(vision))("no two hues look alike with %s vision", (kind) => {
    const looks = colours.map((colour) => lab(seen(vision[kind], linear(colour))));
    for (let i = 0; i < looks.length; i++) {
      for (let j = 0; j < i; j++) {
        expect(difference(looks[i], looks[j]), `${colours[i]} and ${colours[j]}`).toBeGreaterThan(20);
      }
    }
  });
});

test("colours are variables with a fallback until a theme resolves them", () => {
  expect(seriesColour(0)).toBe("var(--fig-1, #2565cc)");
  expect(seriesColour(6)).toBe(seriesColour(0));
  expect(resolveColours('<path fill="var(--fig-1, #2565cc)"/>', "dark")).toBe('<path fill="#008ce5"/>');
});
