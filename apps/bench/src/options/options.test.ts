import { recipeSchema } from "@sae/autoencoders";
import { SaeError } from "@sae/core";
import { describe, expect, test } from "vitest";
import { choice, cittyArgs, count, flag, kebab, listOf, real, word } from "./option.js";
import { readArguments, readValues } from "./readArguments.js";
import {
  givenBaselineOptions,
  givenRecipe,
  givenVariantOptions,
  recipeOptions,
  variantOwnOptions,
} from "./recipeOptions.js";

const options = {
  dSae: count({ describe: "latents" }),
  lr: real({ describe: "learning rate", above: 0 }),
  order: choice({ of: ["shuffled", "sequential"], describe: "order" }),
  seeds: listOf(count({ least: 0, describe: "seeds" })),
  out: word({ describe: "folder", hint: "DIR" }),
  json: flag({ describe: "as JSON" }),
};
const args = cittyArgs(options);
const read = (...raw: string[]) => readValues(options, readArguments(raw, args, "train"));

/** Code and text of the error. */
function errorOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof SaeError) return `${error.code}: ${error.message}`;
  }
  return "no error";
}

describe("a command line", () => {
  test("becomes values", () => {
    expect(read("--d-sae", "64", "--lr=1e-3", "--order", "sequential", "--seeds", "0,1,2", "--json")).toEqual({
      dSae: 64,
      lr: 1e-3,
      order: "sequential",
      seeds: [0, 1, 2],
      out: undefined,
      json: true,
    });
    expect(read("--out=a=b").out).toBe("a=b");
    expect(kebab("l0Warmup")).toBe("l0-warmup");
  });

  test.each([
    [["--dsae", "3"], "unknown_option: train: there is no option --dsae; did you mean --d-sae?"],
    [["--colour", "red"], "unknown_option: train: there is no option --colour"],
    [["--no-lr"], "unknown_option: train: there is no option --no-lr"],
    [["here"], "unexpected_argument: train: 'here' belongs to no option; the command comes first, then its options"],
    [["-x"], "unexpected_argument: train: '-x' belongs to no option; options are written --name VALUE"],
    [["--lr"], "missing_option: --lr: needed a value (X)"],
    [["--out", "--json"], "missing_option: --out: needed a value (DIR)"],
    [["--lr", "1", "--lr", "2"], "bad_option: --lr: given twice; it takes one value"],
    [["--seeds", "1", "--seeds", "2"], "bad_option: --seeds: given twice; several values are written A,B,C"],
    [["--json", "--json"], "bad_option: --json: given twice; once is enough"],
    [["--json=yes"], "bad_option: --json: is a flag and takes no value"],
    [["--lr", "-1"], "bad_option: --lr: needed a number above 0, got '-1'"],
    [["--lr="], "bad_option: --lr: needed a number above 0, got ''"],
    [["--d-sae", "1.5"], "bad_option: --d-sae: needed a whole number of at least 1, got '1.5'"],
    [["--seeds", "0,x"], "bad_option: --seeds: needed a whole number of at least 0, got 'x'"],
    [["--seeds", "1,1"], "bad_option: --seeds: needed each value once, got '1,1'"],
    [
      ["--order", "shufled"],
      "bad_option: --order: needed shuffled, sequential, got 'shufled'; did you mean 'shuffled'?",
    ],
  ])("%j is refused", (raw, message) => {
    expect(errorOf(() => read(...raw))).toBe(message);
  });
});

describe("options of the recipe", () => {
  const recipe = recipeOptions(["seed"]);

  test("there is one for every choice, described by its schema", () => {
    const fields = Object.keys(recipeSchema.shape).filter((name) => name !== "seed");
    expect(Object.keys(recipe)).toEqual(fields.map((name) => (name === "init" ? "baselineInit" : name)));
    expect(recipe.lr).toMatchObject({ describe: "learning rate", otherwise: "0.0002", hint: "X", needed: false });
    expect(recipe.dSae.needed).toBe(true);
    expect(recipe.scale.hint).toBe("none|rms");
    expect(variantOwnOptions().fractions).toMatchObject({ hint: "X,…", otherwise: "0.5,0.3,0.2" });
  });

  test.each([
    ["steps", "-1", "needed a whole number of at least 0, got '-1'"],
    ["decay", "2", "needed a number of at least 0 and of at most 1, got '2'"],
    ["beta1", "1", "needed a number of at least 0 and below 1, got '1'"],
    ["scale", "std", "needed none or rms, got 'std'"],
    ["lr", "", "needed a number above 0, got ''"],
  ])("--%s %j: %s", (name, text, message) => {
    expect(errorOf(() => recipe[name].parse(text))).toBe(`bad_option: ${message}`);
  });

  test("lists are checked as a whole", () => {
    expect(variantOwnOptions().fractions.parse("0.5,0.5")).toEqual([0.5, 0.5]);
    expect(errorOf(() => variantOwnOptions().fractions.parse("0.5,0.4"))).toBe(
      "bad_option: needed values that add up to 1, got '0.5,0.4'",
    );
    expect(errorOf(() => variantOwnOptions().fractions.parse("a"))).toBe(
      "bad_option: needed one or more of: a number above 0, separated by commas, got 'a'",
    );
  });

  test("what was given, and nothing else, goes into the recipe", () => {
    expect(givenRecipe({ lr: 0.1, baselineInit: "cov", init: "weights.safetensors", out: "x" })).toEqual({
      lr: 0.1,
      init: "cov",
    });
  });
});

describe("options of one architecture or baseline", () => {
  test("go to those that have them", () => {
    expect(givenVariantOptions({ bandwidth: 0.1, fractions: [1] }, ["topk", "jumprelu", "matryoshka"])).toEqual({
      jumprelu: { bandwidth: 0.1 },
      matryoshka: { fractions: [1] },
    });
    expect(givenBaselineOptions({ tau: 0.5 }, ["soft_frozen_decoder"])).toEqual({ soft_frozen_decoder: { tau: 0.5 } });
  });

  test("are refused by others, with the name of their owner", () => {
    expect(errorOf(() => givenVariantOptions({ bandwidth: 0.1 }, ["topk"]))).toBe(
      "bad_option: --bandwidth: belongs to jumprelu, not to topk",
    );
    expect(errorOf(() => givenBaselineOptions({ tau: 0.5 }, ["trained"]))).toBe(
      "bad_option: --tau: belongs to soft_frozen_decoder, not to trained",
    );
    expect(errorOf(() => givenVariantOptions({ aux: 0.1 }, ["relu"]))).toBe(
      "bad_option: --aux: belongs to topk, batchtopk, matryoshka, not to relu",
    );
  });

  test("an auxiliary loss of weight 0 is what the others have anyway", () => {
    expect(givenVariantOptions({ aux: 0 }, ["relu"])).toEqual({});
  });
});
