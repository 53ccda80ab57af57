import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { renderReport } from "./renderReport.js";
import type { Report, ReportVerdict } from "./report.js";
import { reportMarkdown } from "./reportMarkdown.js";
import { verdictAxis } from "./verdictPlot.js";
import {
  differenceText,
  opponentText,
  unequalL0Text,
  verdictSentence,
  verdictTally,
  verdictText,
} from "./verdictWords.js";

const verdict = (changed: Partial<ReportVerdict> = {}): ReportVerdict => ({
  metric: "Sparse probing, top-1",
  scope: "BatchTopK, L0 32",
  verdict: "beats",
  difference: { mean: 0.05, low: 0.03, high: 0.07, sd: 0.01, n: 30, confidence: 0.95, method: "paired bootstrap" },
  opponent: "Soft-frozen decoder, iso",
  scores: { trained: 0.8, opponent: 0.75 },
  seeds: 3,
  units: 30,
  smallestEffect: 0.01,
  lessIsBetter: false,
  floor: { label: "chance", value: 0.5 },
  definition: "Accuracy of a regression on <one> latent.",
  ...changed,
});
const without = { mean: -0.2, low: null, high: null, sd: null, n: 1, confidence: 0.95, method: "none" } as const;
const reportOf = (verdicts: readonly ReportVerdict[]): Report => ({
  title: "T",
  verdicts,
  sections: [],
  command: "sae-bench baselines --l0 32",
  provenance: {},
});
const pageOf = (verdicts: readonly ReportVerdict[]) => parseHTML(renderReport(reportOf(verdicts))).document;

describe("in words", () => {
  test("a verdict is a sentence with its numbers", () => {
    expect(verdictSentence(verdict({ isSmall: true, missing: ["Frozen encoder, iso (no result)"] }))).toBe(
      "**Sparse probing, top-1: beats the random baselines, by less than the smallest effect.** Trained 0.800, strongest baseline 0.750; chance 0.500; trained minus the strongest random baseline +0.050 [0.030, 0.070]; the strongest: soft-frozen decoder, iso. Not compared: Frozen encoder, iso (no result).",
    );
    expect(verdictSentence(verdict({ verdict: "cannot-tell", difference: without, lostSeeds: [1, 2] }))).toBe(
      "**Sparse probing, top-1: cannot tell with this much data.** Trained 0.800, strongest baseline 0.750; chance 0.500; trained minus the strongest random baseline −0.200, without an interval; the strongest: soft-frozen decoder, iso. Left out of every score here, because not everybody has a score: seeds 1, 2.",
    );
  });

  test("that everybody scores less than doing nothing is said with the verdict", () => {
    const low = { floor: { label: "no edit", value: 0.5 }, scores: { trained: 0.36, opponent: 0.25 } };
    expect(verdictText(verdict(low))).toBe("beats the random baselines, and scores no better than no edit");
    expect(verdictText(verdict({ ...low, lessIsBetter: true }))).toBe("beats the random baselines");
    expect(verdictText(verdict({ ...low, floor: null }))).toBe("beats the random baselines");
    expect(verdictTally([verdict(low), verdict()], "metrics")).toBe(
      "Training beats the random baselines in all 2 metrics; in 1 of these it scores no better than the floor.",
    );
    expect(verdictTally([verdict(low)], "metrics")).toBe(
      "Training beats the random baselines, but scores no better than the floor.",
    );
  });

  test("unequal sparsity is said where it is more than a twentieth", () => {
    expect(unequalL0Text(verdict())).toBe("");
    expect(unequalL0Text(verdict({ reachedL0: { trained: 32, opponent: 33.5 } }))).toBe("");
    expect(unequalL0Text(verdict({ reachedL0: { trained: 28.5, opponent: 34.9 } }))).toBe(
      "at unequal L0: 28.5 against 34.9",
    );
  });

  test("of several comparisons every opponent is named", () => {
    const opponent = "Soft-frozen decoder, iso (3 of 4); PCA (1 of 4)";
    expect(opponentText(verdict({ opponent }))).toBe("soft-frozen decoder, iso (3 of 4); PCA (1 of 4)");
  });

  test("digits show how wide the interval is, and nothing has no sign", () => {
    const difference = (mean: number, half: number) =>
      differenceText(verdict({ difference: { ...verdict().difference, mean, low: mean - half, high: mean + half } }));
    expect(difference(0.00012, 0.00004)).toEqual({ value: "+0.00012", ends: "[0.00008, 0.00016]" });
    expect(difference(0.0001, 0.2)).toEqual({ value: "0.000", ends: "[−0.200, 0.200]" });
  });

  test.each([
    [["beats"], "Training beats the random baselines."],
    [["does-not", "does-not"], "Training does not beat the random baselines in all 2 metrics."],
    [["cannot-tell"], "With this much data nobody can tell whether training beats the random baselines."],
    [
      ["beats", "does-not", "cannot-tell"],
      "Training beats the random baselines in 1 of 3 metrics; does not in 1; nobody can tell with this much data in 1.",
    ],
    [
      ["does-not", "cannot-tell"],
      "Training beats the random baselines in none of 2 metrics; does not in 1; nobody can tell with this much data in 1.",
    ],
  ] as const)("%j is told as a whole", (kinds, text) => {
    expect(
      verdictTally(
        kinds.map((kind) => verdict({ verdict: kind })),
        "metrics",
      ),
    ).toBe(text);
  });
});

describe("on the page", () => {
  test("stand first, each metric with its definition and floor one click away", () => {
    const page = pageOf([
      verdict(),
      verdict({ metric: "Cross entropy", lessIsBetter: true, verdict: "does-not", floor: null }),
    ]);
    expect(page.querySelector("main h2")?.textContent).toBe("What the study found");
    expect([...page.querySelectorAll("main h3")].map((heading) => heading.textContent)).toEqual([
      "Sparse probing, top-1",
      "Cross entropy",
    ]);
    expect(page.querySelector("li.verdict")?.textContent?.replaceAll(/\s+/g, " ")).toBe(
      "BatchTopK, L0 32 beats +0.050 [0.030, 0.070] against soft-frozen decoder, iso",
    );
    const notes = [...page.querySelectorAll("main .note")].map((note) => note.textContent);
    expect(notes[0]).toBe(
      "Floor: chance, 0.500. Grey band: differences below 0.01, of no interest. 3 seeds, 30 units behind a score.",
    );
    expect(notes[1]).toContain("Less is better");
    expect(page.querySelector("details dd")?.innerHTML).toBe("Accuracy of a regression on &lt;one&gt; latent.");
    expect([...page.querySelectorAll("details pre")].map((code) => code.textContent)).toContain(
      "sae-bench baselines --l0 32",
    );
  });

  test("the overall verdict is the heading, and many comparisons are folded behind a plot of them", () => {
    const many = Array.from({ length: 15 }, (_, i) => verdict({ scope: `TopK, L0 ${i}` }));
    const page = pageOf([verdict({ isOverall: true, scope: "all of them" }), ...many]);
    expect(page.querySelector("main h3")?.textContent).toBe("Sparse probing, top-1: beats the random baselines");
    expect(page.querySelectorAll(".overview circle")).toHaveLength(15);
    const folded = [...page.querySelectorAll("details")].find((found) =>
      found.textContent?.startsWith("All 15 comparisons"),
    );
    expect(folded?.querySelectorAll("li.verdict")).toHaveLength(15);
    expect(page.querySelectorAll("li.verdict")).toHaveLength(16);
  });

  test("of one comparison the overall verdict is enough", () => {
    expect(pageOf([verdict({ isOverall: true }), verdict()]).querySelectorAll("li.verdict")).toHaveLength(1);
  });

  test("all plots of a metric share an axis that holds the intervals, 0 and the band", () => {
    const { low, high, at } = verdictAxis([verdict(), verdict({ difference: without })]);
    expect([low, high]).toEqual([-0.2, 0.07]);
    const places = [-0.2, -0.01, 0, 0.01, 0.07].map(at);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThan(0);
    expect(Math.max(...places)).toBeLessThan(100);
  });

  test("a verdict without an interval is a dot without whiskers", () => {
    const plot = pageOf([verdict({ difference: without })]).querySelector("li.verdict svg .beats");
    expect(plot?.querySelectorAll("line")).toHaveLength(0);
    expect(plot?.querySelectorAll("circle")).toHaveLength(1);
  });
});

test("in Markdown they stand first, as a table", () => {
  expect(reportMarkdown(reportOf([verdict({ isOverall: true }), verdict()]))).toMatchInlineSnapshot(`
    "# T

    ## What the study found

    **Training beats the random baselines.**

    3 seeds, 30 units behind a score.

    | Metric | Verdict | Trained | Trained − strongest baseline | Strongest baseline | Floor |
    | --- | --- | --- | --- | --- | --- |
    | Sparse probing, top-1 | beats the random baselines | 0.800 | +0.050 [0.030, 0.070] | soft-frozen decoder, iso | chance 0.500 |

    ## Provenance

    \`\`\`sh
    sae-bench baselines --l0 32
    \`\`\`


    "
  `);
});
