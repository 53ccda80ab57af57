import { describe, expect, test } from "vitest";
import { evaluations } from "../evaluations/index.js";
import { evaluationOptions, givenEvaluations } from "./evaluationOptions.js";
import { cittyArgs } from "./option.js";
import { readArguments, readValues } from "./readArguments.js";

const options = evaluationOptions();
const read = (...words: string[]) => readValues(options, readArguments(words, cittyArgs(options), "llm"));
const chosen = [{ id: "probing" }, { id: "autointerp" }];

describe("options of evaluations", () => {
  test("are named after evaluation and field, and described by its schema", () => {
    expect(options.probingTrain).toMatchObject({
      hint: "N",
      describe: "texts of each class to train probes on",
      otherwise: "100",
      group: "Of the evaluation probing: Sparse probing",
    });
    expect(options.ravelAttributes).toMatchObject({ hint: "TEXT,…", otherwise: undefined });
    expect(options.autointerpExplainerReach).toMatchObject({ hint: "N", otherwise: "4" });
  });

  test("there are of every evaluation that has jobs of its own, but for what other options set", () => {
    const ids = evaluations.filter(({ scores }) => scores === undefined).map(({ id }) => id);
    expect(Object.keys(options).filter((name) => name.endsWith("L0"))).toHaveLength(ids.length);
    expect(Object.keys(options).filter((name) => name.startsWith("autointerpLlmExplainer"))).toEqual([]);
    expect(Object.keys(options).filter((name) => name.startsWith("reconstruction"))).toEqual([]);
  });

  test("say in the help what a preset chooses", () => {
    const { probingTrain, probingL0, probingVariants } = evaluationOptions({
      probing: { config: { train: 7 }, l0s: [32], variants: ["topk"] },
    });
    expect([probingTrain, probingL0, probingVariants].map(({ otherwise }) => otherwise)).toEqual(["7", "32", "topk"]);
  });

  test("become configs: numbers, texts, lists of both, objects within", () => {
    const values = read(
      ...["--probing-train", "2000", "--probing-data-sets", "ag_news, europarl", "--probing-data-dir", "data"],
      ...[
        "--probing-ks",
        "1,5",
        "--probing-full",
        "false",
        "--probing-l0",
        "32",
        "--probing-variants",
        "topk,relu",
        "--autointerp-explainer-reach",
        "0",
      ],
    );
    expect(givenEvaluations(values, chosen)).toEqual([
      {
        id: "probing",
        config: { train: 2000, dataSets: ["ag_news", "europarl"], dataDir: "data", ks: [1, 5], full: false },
        isLean: false,
        l0s: [32],
        variants: ["topk", "relu"],
      },
      { id: "autointerp", config: { explainer: { reach: 0 } } },
    ]);
  });

  test("win over the preset's, field by field", () => {
    const preset = [
      { id: "autointerp", config: { latents: 20, explainer: { patterns: 3, reach: 1 } }, l0s: [16] },
      { id: "probing", config: { ks: [1, 2] } },
    ];
    const values = read("--autointerp-explainer-reach", "2", "--probing-ks", "5");
    expect(givenEvaluations(values, preset)).toEqual([
      { id: "autointerp", config: { latents: 20, explainer: { patterns: 3, reach: 2 } }, l0s: [16] },
      { id: "probing", config: { ks: [5] } },
    ]);
    expect(givenEvaluations(read(), preset)).toEqual(preset);
  });

  test.each([
    [["--probing-train", "0"], "--probing-train: needed a whole number above 0, got '0'"],
    [["--probing-ks", "1,x"], "--probing-ks: needed one or more of: a whole number above 0, separated by commas"],
    [["--probing-dtype", "int8"], "--probing-dtype: needed float16 or float32, got 'int8'"],
    [["--probing-trian", "1"], "there is no option --probing-trian; did you mean --probing-train?"],
  ])("%j is refused", (words, message) => {
    expect(() => read(...words)).toThrow(message);
  });

  test("of an evaluation that is not made are refused", () => {
    expect(() => givenEvaluations(read("--ravel-candidates", "9"), chosen)).toThrow(
      "--ravel-candidates: belongs to the evaluation ravel, which is not among probing, autointerp; add it to --evals",
    );
    // `autointerp` is the beginning of this one's name, too.
    expect(() => givenEvaluations(read("--autointerp-llm-latents", "9"), chosen)).toThrow(
      "belongs to the evaluation autointerp-llm",
    );
  });
});
