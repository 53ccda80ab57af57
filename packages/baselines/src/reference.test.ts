import { variants } from "@sae/autoencoders";
import { describe, expect, it } from "vitest";
import { againstReference } from "../../autoencoders/src/againstReference.testkit.js";
import { constraintOf } from "./defineBaseline.js";
import { frozenDecoder } from "./frozenDecoder.js";
import { frozenEncoder } from "./frozenEncoder.js";
import { softFrozenDecoder } from "./softFrozenDecoder.js";
import { trained } from "./trained.js";

// A cap this narrow is reached within twenty steps.
const constraints = [
  constraintOf(trained),
  constraintOf(frozenDecoder),
  constraintOf(softFrozenDecoder, { tau: 0.999 }),
  constraintOf(frozenEncoder),
];

describe.each(variants)("$name follows plain loops in double precision", (variant) => {
  it.each(constraints)("$name", async (constraint) => {
    const { log, weights } = await againstReference({ variant, constraint });
    expect(log).toBeLessThan(1e-5);
    expect(weights).toBeLessThan(1e-5);
  });
});
