import { expect, test } from "vitest";
import type { BaselinesRun } from "./baselinesPlan.js";
import { judge } from "./contests.js";
import { paperTables } from "./paperTables.js";
import { measuredOn, scoreOf, smallPlan } from "./scoredPlan.testkit.js";

const plan = smallPlan({ variants: ["batchtopk", "topk"], conditions: ["frozen_decoder", "frozen_encoder:cov"] });
const values: Readonly<Record<string, number>> = { trained: 0.9284, frozen_decoder: 1, frozen_encoder_cov: -0.0171 };
const score = ({ variant, condition }: BaselinesRun) =>
  variant === "topk" && condition.role === "baseline" ? null : scoreOf(values[condition.id]);
const measured = (id: string) => judge(measuredOn(plan, score, { id }));

test("a row of this study in the columns of the paper, whose rows stand below and are marked", () => {
  const [batchtopk] = paperTables(plan, "my model, hook", [measured("ravel"), measured("explained-variance")]);
  expect(batchtopk.columns.map(({ label }) => label)).toEqual([
    "Model and site",
    "Fully trained",
    "Frozen decoder, iso",
    "Frozen decoder, cov",
    "Soft-frozen decoder, iso",
    "Frozen encoder, iso",
    "Frozen encoder, cov",
  ]);
  // Explained variance first and RAVEL last, whatever their order; no probing; what was not planned has dashes.
  expect(batchtopk.rows[0]).toEqual([
    "my model, hook, L0 2 (here)",
    ".928/–/–/.928",
    "1.000/–/–/1.000",
    "–/–/–/–",
    "–/–/–/–",
    "–/–/–/–",
    "−.017/–/–/−.017",
  ]);
  // Table 2 of the paper: Gemma-2-2B, layer 12, BatchTopK.
  expect(batchtopk.rows[1].slice(0, 2)).toEqual(["Gemma-2-2B, layer 12, L0 160 (the paper)", ".852/.721/.849/.720"]);
  expect([batchtopk.rows.length, batchtopk.quotedRows]).toEqual([4, 3]);
});

test("an architecture that the paper has no table of stands alone", () => {
  const [, topk] = paperTables(plan, "my model", [measured("explained-variance")]);
  expect(topk.rows).toEqual([["my model, L0 2 (here)", ".928/–/–/–", ...Array(5).fill("–/–/–/–")]]);
  expect(topk.quotedRows).toBe(0);
  expect(topk.note).toContain("no such table for this architecture");
});

test("without any of the paper's measures there is no table", () => {
  expect(paperTables(plan, "my model", [])).toEqual([]);
  expect(paperTables(plan, "my model", [measured("cross-entropy")])).toEqual([]);
});
