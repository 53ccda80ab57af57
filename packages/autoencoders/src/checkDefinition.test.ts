import { describe, expect, it, test } from "vitest";
import { checkDefinition, fieldKinds } from "./checkDefinition.js";
import { type AnySae, defineSae } from "./defineSae.js";
import { didYouMean } from "./didYouMean.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import { variants } from "./variants/index.js";
import { matryoshkaSae } from "./variants/matryoshka.js";
import { reluSae } from "./variants/relu.js";
import { topkSae } from "./variants/topk.js";

test.each([
  ["tpok", "; did you mean 'topk'?"],
  ["Inference", "; did you mean 'inference'?"],
  ["inferense", "; did you mean 'inference'?"],
  ["top", "; did you mean 'topk'?"],
  ["gate", ""],
])("what %s may have been meant to be", (word, hint) => {
  expect(didYouMean(word, ["relu", "topk", "inference"])).toBe(hint);
  expect(didYouMean(word, [])).toBe("");
});

describe("a definition of something else", () => {
  it("is checked key by key", () => {
    const fields = { name: fieldKinds.text, run: fieldKinds.callable };
    const messageOf = (definition: unknown): string => {
      try {
        checkDefinition("defineJob", definition, fields);
        return "none";
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(messageOf({ name: "one", run: () => 1 })).toBe("none");
    expect(messageOf(undefined)).toBe("defineJob: needed an object, got nothing");
    expect(messageOf({ run: 1 })).toBe("defineJob: needed name to be a text, got nothing");
    expect(messageOf({ name: "one", run: { steps: 1 } })).toBe(
      "defineJob: 'one': needed run to be a function, got an object with steps",
    );
    expect(messageOf({ name: "one", runs: [] })).toBe(
      "defineJob: 'one': needed no keys but name, run, got 'runs'; did you mean 'run'?",
    );
    expect(messageOf({ name: "one", priority: 1 })).toBe(
      "defineJob: 'one': needed no keys but name, run, got 'priority'; leave it out",
    );
  });
});

describe("a variant is refused", () => {
  /** As a file of a user's has it, which no compiler has seen. */
  const written = (changes: object) => () => defineSae({ ...topkSae, ...changes } as typeof topkSae);

  it("with a key that there is not", () => {
    expect(written({ nextstate: () => ({}) })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: defineSae: 'topk': needed no keys but name, title, paper, config, extraParams, state, encode, loss, nextState, auxiliary, inference, got 'nextstate'; did you mean 'nextState'?]`,
    );
  });

  it("with a rule of inference that there is not", () => {
    expect(written({ inference: "tpok" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: defineSae: 'topk': needed inference to be 'topk', 'threshold', 'own' or { encode }, got 'tpok'; did you mean 'topk'?]`,
    );
    expect(written({ inference: { encod: () => 1 } })).toThrow("or { encode }, got an object with encod");
    expect(written({ inference: undefined })).toThrow("or { encode }, got nothing");
  });

  it("with other keys that are not what they have to be", () => {
    expect(written({ auxiliary: "yes" })).toThrow("needed auxiliary to be true or false, got 'yes'");
    expect(written({ config: { l0: 3 } })).toThrow("needed config to be a schema of zod");
    expect(written({ encode: undefined })).toThrow("needed encode to be a function, got nothing");
    expect(written({ state: { hint: 1 } })).toThrow("needed state to be a function, got an object with hint");
  });

  it("and the same object comes back when nothing is wrong", () => {
    for (const variant of variants) expect(defineSae(variant)).toBe(variant);
  });
});

describe("training refuses", () => {
  const dModel = 4;
  const source = fileSource(arrayActivations(toyActivations({ rows: 64, dModel }), dModel));
  const run = async (variant: object) =>
    train({
      variant: variant as AnySae,
      config: { l0: 2 },
      recipe: { dSae: 8, steps: 1, batch: 16 },
      source: await source,
      calibrationRows: 16,
    });

  it("a rule of inference that there is not, in a variant that was made without defineSae", async () => {
    await expect(run({ ...topkSae, inference: "tpok" })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: variant 'topk': needed inference topk, threshold, own or { encode }, got 'tpok'; make it with defineSae, which checks it]`,
    );
  });

  it("misspelt keys of what the functions of a variant return", async () => {
    const penalized = { ...topkSae, loss: (args: never) => ({ ...topkSae.loss(args), penalites: {} }) };
    await expect(run(penalized)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: loss of 'topk': needed no keys but xHat, mse, penalties, got 'penalites'; did you mean 'penalties'?]`,
    );
    const nearby = { ...topkSae, encode: (args: never) => ({ ...topkSae.encode(args), close: null }) };
    await expect(run(nearby)).rejects.toThrow("encode of 'topk': needed no keys but codes, near, got 'close'");
    const steered = { ...reluSae, nextState: () => ({ L1: null }) };
    await expect(run(steered)).rejects.toThrow("nextState of 'relu': needed no keys but l1, logL0, got 'L1'; did you");
    const unit = { ...matryoshkaSae, extraParams: () => ({ unit: { shape: [1], initial: 1, scale: true } }) };
    await expect(run(unit)).rejects.toThrow(
      "extraParams of 'matryoshka', unit: needed no keys but shape, initial, scales, got 'scale'; did you mean 'scales'?",
    );
  });
});
