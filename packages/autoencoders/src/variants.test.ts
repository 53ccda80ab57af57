import { describe, expect, it } from "vitest";
import { againstReference } from "./againstReference.testkit.js";
import { variants } from "./variants/index.js";

describe("x", () => {
  it.each(variants)("$name", async (variant) => {
    const r = await againstReference({ variant });
    console.log(
      variant.name,
      r.log,
      r.weights,
      JSON.stringify(r.lines.map((l) => [l.dead, +l.aux.toFixed(3), +l.gradNorm.toFixed(3)])),
    );
    const q = await againstReference({ variant, recipe: { steps: 60, deadTokens: undefined } });
    console.log(
      variant.name,
      q.log,
      q.weights,
      JSON.stringify(q.lines.map((l) => [l.dead, +l.aux.toFixed(3), +l.gradNorm.toFixed(3)])),
    );
  });
});
