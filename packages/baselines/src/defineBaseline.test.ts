import { arrayActivations, fileSource, topkSae, train } from "@sae/autoencoders";
import { mul } from "@sae/core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { toyActivations } from "../../autoencoders/src/toyActivations.testkit.js";
import { baselines } from "./baselines.js";
import { constraintOf, defineBaseline, noOptions } from "./defineBaseline.js";
import { frozenDecoder } from "./frozenDecoder.js";
import { softFrozenDecoder } from "./softFrozenDecoder.js";

describe("the list of the study", () => {
  it("keeps its names and order: they are in files and on command lines", () => {
    expect(baselines.map(({ name }) => name)).toEqual([
      "trained",
      "frozen_decoder",
      "soft_frozen_decoder",
      "frozen_encoder",
      "random",
      "pca",
      "shuffled_decoder",
    ]);
  });

  it.each(baselines)("$name needs no options and says what it does", (baseline) => {
    expect(constraintOf(baseline).name).toBe(baseline.name);
    expect(baseline.description).toMatch(/^[A-Z].*\.$/);
    expect(baseline.title).not.toBe("");
  });
});

describe("constraintOf", () => {
  it("gives what differs from ordinary training, and the options for the record", () => {
    expect(constraintOf(frozenDecoder)).toEqual({ name: "frozen_decoder", config: {}, frozen: ["W_dec"] });
    expect(Object.keys(constraintOf(softFrozenDecoder))).toEqual(["name", "config", "project"]);
  });

  it("refuses options that there are not", () => {
    expect(() => constraintOf(frozenDecoder, { tau: 0.5 } as never)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: options of baseline 'frozen_decoder': value: Unrecognized key: "tau"]`,
    );
  });
});

describe("defineBaseline", () => {
  it("refuses a name that is no file name", () => {
    const definition = { name: "My Baseline", title: "", description: "", config: noOptions, drawn: true };
    expect(() => defineBaseline(definition)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: defineBaseline: needed a name of lower-case letters, digits and _, got 'My Baseline']`,
    );
  });

  describe("refuses", () => {
    /** As a file of a user's has it, which no compiler has seen. */
    const written = (changes: object) => () =>
      defineBaseline({ ...softFrozenDecoder, ...changes } as typeof softFrozenDecoder);

    it("a key that there is not", () => {
      expect(written({ projct: {} })).toThrowErrorMatchingInlineSnapshot(
        `[SaeError: defineBaseline: 'soft_frozen_decoder': needed no keys but name, title, description, config, drawn, frozen, project, start, width, needs, sameCodes, calibrate, got 'projct'; did you mean 'project'?]`,
      );
    });

    it("keys that are not what they have to be", () => {
      expect(written({ frozen: "W_dec" })).toThrowErrorMatchingInlineSnapshot(
        `[SaeError: defineBaseline: 'soft_frozen_decoder': needed frozen to be 'all', a list of names or { allBut: a list }, got 'W_dec']`,
      );
      expect(written({ frozen: { allbut: ["b_dec"] } })).toThrow("or { allBut: a list }, got an object with allbut");
      expect(written({ project: { W_dec: 0.8 } })).toThrow("needed project.W_dec to be a function, got 0.8");
      expect(written({ needs: "traned" })).toThrow("'trained' or left out, got 'traned'; did you mean 'trained'?");
      expect(written({ drawn: undefined })).toThrow("needed drawn to be true or false, got nothing");
      expect(written({ config: {} })).toThrow("needed config to be a schema of zod");
    });

    it("nothing of what is there", () => {
      for (const baseline of baselines) expect(defineBaseline(baseline)).toBe(baseline);
    });
  });

  it("hands the options to every function", async () => {
    const dModel = 4;
    const halved = defineBaseline({
      name: "halved",
      title: "Halved",
      description:
        "Fewer latents, an encoder of one number, and a b_dec that is put back to a multiple of its start after each step.",
      config: z.object({ factor: z.number(), entry: z.number().default(1) }),
      drawn: true,
      frozen: ["W_enc"],
      width: ({ dSae }, { factor }) => dSae * factor,
      start: ({ drawn, config }) => ({
        W_enc: drawn.W_enc.map(() => config.entry),
        b_dec: new Float32Array(dModel).fill(1),
      }),
      project: { b_dec: ({ initial, config }) => mul(initial, config.factor) },
    });
    const { sae } = await train({
      variant: topkSae,
      config: { l0: 2 },
      recipe: { dSae: 16, steps: 3, batch: 8, scale: "none" },
      source: await fileSource(arrayActivations(toyActivations({ rows: 64, dModel }), dModel)),
      constraint: constraintOf(halved, { factor: 0.5 }),
    });
    expect(sae.dSae).toBe(8);
    expect(new Set(sae.weights.W_enc)).toEqual(new Set([1]));
    expect(Array.from(sae.weights.b_dec)).toEqual([0.5, 0.5, 0.5, 0.5]);
  });
});
