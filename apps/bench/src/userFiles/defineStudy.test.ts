import { topkSae } from "@sae/autoencoders";
import { defineBaseline, softFrozenDecoder } from "@sae/baselines";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineStudy } from "./defineStudy.js";

const still = defineBaseline({
  name: "still",
  title: "Still",
  description: "nothing moves",
  config: z.strictObject({}),
  drawn: true,
  frozen: "all",
});

test("a study is returned as it is, and its types are those of the options", () => {
  const study = {
    preset: "quick",
    hook: ["blocks.0.hook_resid_post"],
    variants: ["batchtopk", topkSae],
    baselines: ["frozen_decoder:cov", softFrozenDecoder, still],
    l0: [16, 32],
    lr: 1e-3,
    evals: ["probing"],
    evaluations: { probing: { train: 500, l0: [16] }, autointerp: { explainer: { reach: 1 } } },
    options: { tau: 0.9 },
    workers: 2,
    keepBos: true,
    device: "a100",
  } as const;
  expect(defineStudy(study)).toBe(study);
  // @ts-expect-error: no such option
  defineStudy({ modle: "tiny" });
  // @ts-expect-error: a list of numbers
  defineStudy({ l0: "16" });
  // @ts-expect-error: no such field
  defineStudy({ evaluations: { probing: { trian: 500 } } });
});
