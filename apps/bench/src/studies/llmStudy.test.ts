import { expect, test } from "vitest";
import { planLlm } from "./llmPlan.js";
import { aboutActivations } from "./llmStudy.js";
import { resultsOf } from "./scoredPlan.testkit.js";

const plan = planLlm({
  model: "tiny",
  harvest: {
    model: {},
    texts: {},
    hook: "blocks.1.hook_resid_post",
    nCtx: 16,
    rows: 999_999,
    evaluationContexts: 4,
  },
  heldOut: 0.1,
  dModel: 8,
  variants: ["topk"],
  conditions: [],
  l0s: [2],
  seeds: [0],
  recipe: { dSae: 16, steps: 1000, batch: 90 },
  evaluations: [],
  local: {},
  localModel: {},
});

const about = (rows: number) => aboutActivations(plan, resultsOf([[plan.harvest, { rows, dModel: 8 }]]));

test("a report says how many activations there are, and that texts were too short", () => {
  expect(aboutActivations(plan, resultsOf([]))).toBe("Activations: tiny, blocks.1.hook_resid_post.");
  expect(about(999_999)).toBe("Activations: tiny, blocks.1.hook_resid_post, 999\u2009999 rows of 8.");
  expect(about(2000)).toBe(
    "Activations: tiny, blocks.1.hook_resid_post, 2\u2009000 rows of 8. The texts gave 2\u2009000 of 999\u2009999 activations; in training each is seen 50 times.",
  );
});
