import { reluSae, topkSae } from "@sae/autoencoders";
import { frozenDecoder } from "@sae/baselines";
import { describe, expect, test } from "vitest";
import { definitionsIn } from "./definitionsIn.js";

test("definitions are found under any name and in lists, each once", () => {
  const exports = { default: [topkSae, reluSae], topk: topkSae, width: 32, frozenDecoder };
  expect(definitionsIn(exports, "variant", "sae.ts")).toEqual([topkSae, reluSae]);
  expect(definitionsIn(exports, "baseline", "sae.ts")).toEqual([frozenDecoder]);
});

describe("objects that were written without defineSae or defineBaseline are looked at as these do", () => {
  test("a misspelt key", () => {
    const exports = { mine: { ...frozenDecoder, name: "mine", projct: {} } };
    expect(() => definitionsIn(exports, "baseline", "--baseline-file mine.js")).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: --baseline-file mine.js: defineBaseline: 'mine': needed no keys but name, title, description, config, drawn, frozen, project, start, width, needs, sameCodes, calibrate, got 'projct'; did you mean 'project'?]`,
    );
  });

  test("a misspelt word", () => {
    const exports = { mine: { ...topkSae, name: "mine", inference: "tpok" } };
    expect(() => definitionsIn(exports, "variant", "--variant-file mine.js")).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: --variant-file mine.js: defineSae: 'mine': needed inference to be 'topk', 'threshold', 'own' or { encode }, got 'tpok'; did you mean 'topk'?]`,
    );
  });

  test("a name that is none", () => {
    const exports = { mine: { ...topkSae, name: "Top K" } };
    expect(() => definitionsIn(exports, "variant", "mine.js")).toThrow(
      "mine.js: defineSae: needed a name of lower-case",
    );
  });
});
