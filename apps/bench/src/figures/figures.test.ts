import { histogram, meanInterval } from "@sae/metrics";
import { describe, expect, test } from "vitest";
import { baselineBars } from "./baselineBars.js";
import { budgetCurve } from "./budgetCurve.js";
import { composeFigure } from "./composeFigure.js";
import { decoderDriftHistogram } from "./decoderDriftHistogram.js";
import { explainedVarianceBars } from "./explainedVarianceBars.js";
import { metricBars } from "./metricBars.js";
import { recoveryGrid } from "./recoveryGrid.js";
import { recoveryScatter } from "./recoveryScatter.js";
import { renderPng } from "./renderPng.js";
import { scoreByL0 } from "./scoreByL0.js";
import { scoreHistogram } from "./scoreHistogram.js";
import { standaloneSvg } from "./standaloneSvg.js";

const none = { mean: 0.57, low: null, high: null };

const variable = {
  architecture: "batchtopk",
  setting: "Variable probability",
  cosine: Float32Array.of(0.3, 0.4, 0.5, 0.95),
  probability: Float32Array.of(1e-5, 1e-4, 1e-3, 5e-2),
  reported: "297 (9 %)",
};
const constant = {
  architecture: "topk",
  setting: "Constant probability",
  cosine: Float32Array.of(0.9, 0.7, 0.85, 0.99),
};
const nullBand = { low: 0.3, high: 0.415 };

const scores = [
  { architecture: "batchtopk", condition: "trained", l0: 80, score: meanInterval([0.8, 0.82, 0.81]) },
  { architecture: "batchtopk", condition: "frozen_decoder", l0: 80, score: none },
  { architecture: "batchtopk", condition: "trained", l0: 160, score: meanInterval([0.85, 0.86]) },
  { architecture: "batchtopk", condition: "frozen_decoder", l0: 160, score: { mean: -0.02, low: -0.1, high: 0.06 } },
  { architecture: "jumprelu", condition: "trained", l0: 160, score: none },
];
const editing = { label: "Causal editing (RAVEL)", floor: { label: "no edit", value: 0.485 } };
const autointerp = { label: "AutoInterp", floor: { label: "chance", value: 0.5 } };
const distribution = { architecture: "batchtopk", condition: "trained", values: [0.9, 0.95, 1, 0.55] };

/** Each figure of a little data: all that it must say, a single mark, and nothing. */
const figures = {
  explainedVarianceBars: {
    some: () =>
      explainedVarianceBars({
        bars: [
          { setting: "Constant probability", architecture: "batchtopk", explainedVariance: none, reported: 0.67 },
          { setting: "Constant probability", architecture: "topk", explainedVariance: meanInterval([0.73, 0.74]) },
          { setting: "Variable probability", architecture: "topk", explainedVariance: meanInterval([0.76, 0.77]) },
        ],
      }),
    says: ["BatchTopK", "0.570", "paper 0.67", "TopK", "0.735", "Variable probability", "Whiskers: 95 % interval."],
    one: () => explainedVarianceBars({ bars: [{ setting: "s", architecture: "a", explainedVariance: none }] }),
    nothing: () => explainedVarianceBars({ bars: [] }),
  },
  recoveryScatter: {
    some: () => recoveryScatter({ recoveries: [variable, constant], nullBand }),
    says: ["BatchTopK, variable probability", "recovered 1 (25 %); paper 297 (9 %)", "recovered 3 (75 %)", "10⁻³"],
    one: () => recoveryScatter({ recoveries: [{ ...variable, cosine: [0.5], probability: [0.01] }] }),
    nothing: () => recoveryScatter({ recoveries: [] }),
  },
  recoveryGrid: {
    some: () => recoveryGrid({ recoveries: [variable, constant, { ...variable, architecture: "topk" }], nullBand }),
    says: ["TopK, variable probability", "TopK, constant probability", "features, best first", "random decoder"],
    one: () => recoveryGrid({ recoveries: [{ ...constant, cosine: [-0.1] }] }),
    nothing: () => recoveryGrid({ recoveries: [] }),
  },
  decoderDriftHistogram: {
    some: () =>
      decoderDriftHistogram({
        of: "JumpReLU, L0 = 160",
        tau: 0.8,
        snapshots: [
          { progress: 0.05, histogram: histogram([0.97, 0.98, 0.99]), mean: 0.98, explainedVariance: 0.8 },
          { progress: 1, histogram: histogram([0.2, -0.3, 0.9]), mean: 0.267 },
        ],
      }),
    says: ["JumpReLU, L0 = 160", "After 5 % of the steps", "explained variance 0.80", "mean cosine 0.27", "τ = 0.8"],
    one: () => decoderDriftHistogram({ snapshots: [{ progress: 0, histogram: histogram([1]), mean: 1 }] }),
    nothing: () => decoderDriftHistogram({ snapshots: [] }),
  },
  budgetCurve: {
    some: () =>
      budgetCurve({
        features: 3200,
        points: [1e5, 1e6, 1e7].flatMap((samples) =>
          ["batchtopk", "topk"].map((architecture) => ({
            setting: "Constant probability",
            architecture,
            samples,
            explainedVariance: 0.6,
            recovered: architecture === "topk" ? samples / 1e4 : 0,
          })),
        ),
      }),
    says: ["training samples", "10M", "features recovered", "Constant probability", "BatchTopK", "3 200 features"],
    one: () =>
      budgetCurve({
        features: 2,
        points: [{ setting: "s", architecture: "a", samples: 10, explainedVariance: -0.1, recovered: 1 }],
      }),
    nothing: () => budgetCurve({ features: 3200, points: [] }),
  },
  baselineBars: {
    some: () => baselineBars({ metric: editing, points: scores }),
    says: ["Fully trained (T)", "no edit 0.485", "BatchTopK, L0 80", "JumpReLU, L0 160", ".57", "−.02", "D"],
    one: () => baselineBars({ metric: editing, points: [scores[4]] }),
    nothing: () => baselineBars({ metric: editing, points: [] }),
  },
  scoreByL0: {
    some: () => scoreByL0({ metric: editing, points: scores }),
    says: ["Fully trained", "Frozen decoder", "no edit 0.485", "target L0", "80", "160", "causal editing (RAVEL)"],
    one: () => scoreByL0({ metric: editing, points: [scores[4]] }),
    nothing: () => scoreByL0({ metric: editing, points: [] }),
  },
  metricBars: {
    some: () =>
      metricBars({
        scores: [
          { metric: { label: "Explained variance" }, points: scores.filter(({ l0 }) => l0 === 160) },
          { metric: editing, points: scores.filter(({ l0 }) => l0 === 160) },
        ],
      }),
    says: ["BatchTopK: Explained variance", "JumpReLU: Causal editing (RAVEL)", "no edit 0.485", "Fully trained (T)"],
    one: () => metricBars({ scores: [{ metric: editing, points: [scores[4]] }] }),
    nothing: () => metricBars({ scores: [{ metric: editing, points: [] }] }),
  },
  scoreHistogram: {
    some: () =>
      scoreHistogram({
        metric: autointerp,
        threshold: 0.7,
        distributions: [distribution, { ...distribution, condition: "frozen_encoder_cov", values: [0.4, 0.6] }],
      }),
    says: [
      "Fully trained",
      "mean 0.85, 75 % above 0.7",
      "Frozen encoder, cov",
      "chance 0.5",
      "2 to 4 latents in a panel.",
    ],
    one: () => scoreHistogram({ metric: autointerp, distributions: [{ ...distribution, values: [0.5] }] }),
    nothing: () => scoreHistogram({ metric: autointerp, distributions: [{ ...distribution, values: [] }] }),
  },
};

/** All text that a reader of the picture sees, and what a screen reader says of it. */
const texts = (svg: string): string =>
  [...svg.matchAll(/<text[^>]*>(.*?)<\/text>/g)]
    .map(([, content]) => content.replace(/<[^>]+>/g, " "))
    .join(" ")
    .replaceAll(/[\u00a0\u2009]|&#160;/g, " ");

describe.each(Object.entries(figures))("%s", (_, { some: draw, says, one, nothing }) => {
  const some = () => composeFigure(draw());

  test("says what it shows, in the picture and in words", () => {
    const svg = some();
    for (const text of says) expect(texts(svg)).toContain(text);
    expect(svg).toMatch(
      /^<svg xmlns="[^"]+" viewBox="0 0 \d+ \d+" width="\d+" height="\d+" role="img" aria-label="[^"]{60,}"/,
    );
  });

  test("is the same bytes every time", () => {
    expect(some()).toBe(some());
  });

  test("draws a single mark", () => {
    expect(composeFigure(one())).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("fits into a page: no ids, classes or style sheets, colours that follow the theme", () => {
    const svg = some();
    expect(svg).not.toMatch(/NaN|Infinity|undefined|<style| id=| class=/);
    expect(svg).toMatch(/var\(--fig-\d, #/);
  });

  test("becomes a file of one theme, and a picture", () => {
    expect(standaloneSvg(some(), "dark")).not.toContain("var(");
    const png = renderPng(some(), { theme: "dark", scale: 1 }); // strict about XML
    expect(png.subarray(1, 4).toString()).toBe("PNG");
    expect(png.readUInt32BE(16)).toBe(Number(/ width="(\d+)"/.exec(some())?.[1]));
  });

  test("refuses to draw nothing", () => {
    expect(nothing).toThrow(/needed at least one (value|panel) to draw, got none/);
  });
});

describe("budgetCurve, explained variance below 0", () => {
  const curve = (first: number) =>
    composeFigure(
      budgetCurve({
        features: 10,
        points: [first, 0.5, 0.6].map((explainedVariance, i) => ({
          setting: "s",
          architecture: "topk",
          samples: 10 ** (i + 3),
          explainedVariance,
          recovered: i,
        })),
      }),
    );
  /** Height of the first dot of the upper panel above the rule at 0, in pixels. */
  const firstDot = (svg: string) => {
    const rule = Number(/<g stroke="currentColor"><line[^>]* y1="([\d.]+)"/.exec(svg)?.[1]);
    const dot = Number(/<g fill="var[^>]*><path[^>]*translate\([\d.]+,([\d.]+)\)/.exec(svg)?.[1]);
    return rule - dot;
  };

  test("the axis goes as low as the data", () => {
    expect(firstDot(curve(-0.2))).toBeLessThan(-5);
    expect(firstDot(curve(-0.1))).toBeGreaterThan(firstDot(curve(-0.2)));
    expect(texts(curve(-0.2))).not.toContain("pointing down");
  });

  test("but not below −0.25: what is lower is drawn there, marked, and the figure says so", () => {
    const svg = curve(-12);
    expect(svg).toContain("rotate(180)");
    expect(curve(-0.2)).not.toContain("rotate(180)");
    expect(texts(svg)).toContain("A triangle pointing down: the explained variance lies below −0.25");
    expect(curve(-12)).toBe(curve(-3));
  });
});

test("a value that is not a number is refused, not left out", () => {
  const points = [{ ...scores[0], score: { mean: Number.NaN, low: null, high: null } }];
  expect(() => baselineBars({ metric: editing, points })).toThrow("scores: needed finite numbers to draw, got NaN");
});
