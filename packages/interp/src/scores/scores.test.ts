import { key } from "@sae/core";
import { describe, expect, test } from "vitest";
import { otherLatents } from "../otherLatents.js";
import { accuracy } from "./accuracy.js";
import { balancedAccuracy } from "./balancedAccuracy.js";
import { chanceCorrected } from "./chanceCorrected.js";
import { judgementOf } from "./judgement.js";
import { shareAbove } from "./shareAbove.js";

const yes = true;
const no = false;

describe("scores by hand", () => {
  test.each([
    ["all right", [yes, yes], [no, no], 1, 1, 1, 0],
    ["all wrong", [no, no], [yes, yes], 0, 0, -1, 0],
    ["always active", [yes, yes], [yes, yes], 0.5, 0.5, 0, 0],
    ["three of four", [yes, no], [no, no], 0.75, 0.75, 0.5, 0],
    // 2 of 2 active ones and 1 of 4 inactive ones are right.
    ["not balanced", [yes, yes], [no, yes, yes, yes], 0.5, 0.625, 0.25, 0],
    ["some unreadable", [yes, null], [no, no], 1, 1, 1, 1],
    ["one kind unreadable", [null, null], [no, yes], 0.5, null, null, 2],
    ["all unreadable", [null], [null], null, null, null, 2],
    ["no answers", [], [], null, null, null, 0],
  ] as const)("%s", (_, active, inactive, share, balanced, corrected, unreadable) => {
    const judgement = judgementOf(active, inactive);
    expect(accuracy(judgement)).toBe(share);
    expect(balancedAccuracy(judgement)).toBe(balanced);
    expect(chanceCorrected(judgement)).toBe(corrected);
    expect(judgement.unreadable).toBe(unreadable);
  });

  test("the share above a threshold is strict", () => {
    expect(shareAbove([0.7, 0.71, 0.5, 1])).toMatchObject({ mean: 0.5, n: 4, method: "wilson" });
    expect(shareAbove([0.7], 0.6).mean).toBe(1);
    expect(() => shareAbove([])).toThrow("needed at least one");
  });
});

describe("other latents", () => {
  test.each([2, 3, 10, 300])("of %i: each once, never the same", (n) => {
    const others = otherLatents(key("others"), n);
    expect([...others].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    expect(others.filter((other, i) => other === i)).toEqual([]);
    if (n > 3) expect(otherLatents(key("more"), n)).not.toEqual(others);
  });

  test("of none or one there is no other", () => {
    expect([otherLatents(key(0), 0), otherLatents(key(0), 1)]).toEqual([[], []]);
  });
});
