import { expect, test } from "vitest";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { BaselinesRun } from "../studies/baselinesPlan.js";
import { smallPlan } from "../studies/scoredPlan.testkit.js";
import { everyCondition, meanColumn } from "./everyCondition.js";
import { reconstruction } from "./reconstruction.js";

test("a row for all seeds of a condition, in the order of the plan; empty without a result", () => {
  const plan = smallPlan({ seeds: [0, 1], conditions: ["frozen_decoder", "pca"], l0s: [3, 2] });
  const found = ({ seed, condition, l0 }: BaselinesRun) => {
    if (condition.id === "pca") return [];
    return condition.role === "baseline" && seed === 1 ? [] : [{ value: seed + l0 }];
  };
  const table = everyCondition(plan, {
    caption: "All",
    note: "Means.",
    found,
    columns: [
      meanColumn("Value", 2, ({ value }: { value: number }) => value),
      { label: "Seeds", cell: (of, { condition }) => (condition.role === "trained" ? of.length : null) },
    ],
    above: [[null, "Channels", "control", 1, null]],
  });
  expect(table.columns).toEqual([
    { label: "L0 target" },
    { label: "Architecture" },
    { label: "Condition" },
    { label: "Value", digits: 2 },
    { label: "Seeds" },
  ]);
  expect(table.rows).toEqual([
    [null, "Channels", "control", 1, null],
    [2, "TopK", "Fully trained", 2.5, 2],
    [2, "TopK", "Frozen decoder, iso", 2, null],
    [2, "TopK", "PCA", null, null],
    [3, "TopK", "Fully trained", 3.5, 2],
    [3, "TopK", "Frozen decoder, iso", 3, null],
    [3, "TopK", "PCA", null, null],
  ]);
});

test("reconstruction leaves out what a control does not have: a rule of training, a draw to turn from", async () => {
  const plan = smallPlan({ conditions: ["random", "pca"] });
  const rule = (explainedVariance: number, l0: number) => ({ explainedVariance, l0, dead: 0.25, dense: 0.5 });
  const result = { inference: rule(0.5, 2), training: rule(0.75, 4), drift: { mean: 0.875 } } as TrainJobResult;
  const [{ tables = [] }] =
    (await reconstruction.sections?.({
      plan,
      config: {},
      prepared: {},
      results: { of: <Result>() => result as Result, folder: () => "" },
      jobOf: ({ job }) => job,
    })) ?? [];
  const cells = (row: number) => tables[0].rows[row].slice(2);
  expect(cells(0)).toEqual(["Fully trained", 0.5, 0.75, 2, 4, 25, 50, 0.875]);
  const { calibrate, drawn } = plan.runs[1].condition.baseline;
  expect([calibrate, drawn]).toEqual([true, true]);
  expect(cells(1)).toEqual(["Random", 0.5, null, 2, null, 25, 50, 0.875]);
  expect(plan.runs[2].condition.baseline.drawn).toBe(false);
  expect(cells(2).at(-1)).toBeNull();
});
