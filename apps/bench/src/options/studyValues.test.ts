import { describe, expect, test } from "vitest";
import { llmPresets } from "../studies/presets.js";
import { llmOptions } from "./llmOptions.js";
import { withLayer } from "./studyLayer.js";
import { studyValues } from "./studyValues.js";

const options = llmOptions(["standard"], "standard");
const read = (study: Record<string, unknown>) => studyValues(study, options, "--config study.ts");

describe("a study of a file", () => {
  test("says what options say", () => {
    const { values, layer } = read({
      model: "tiny",
      text: ["a.txt", "b.txt"],
      l0: [16, 32],
      lr: 1e-7,
      keepBos: true,
      explainerOffline: false,
      explainerPrices: [0.15, 0.6],
      evaluations: {
        probing: { dataSets: ["ag_news"], full: false, l0: [16] },
        autointerp: { explainer: { reach: 0 } },
      },
      options: { tau: 0.9, fractions: [0.5, 0.5] },
      seeds: undefined,
    });
    expect(values).toEqual({
      model: "tiny",
      text: ["a.txt", "b.txt"],
      l0: [16, 32],
      lr: 1e-7,
      keepBos: true,
      explainerPrices: { prompt: 0.15, completion: 0.6 },
    });
    expect(layer).toEqual({
      evaluations: {
        probing: { config: { dataSets: ["ag_news"], full: false }, isLean: false, l0s: [16] },
        autointerp: { config: { explainer: { reach: 0 } } },
      },
      variantOptions: { matryoshka: { fractions: [0.5, 0.5] } },
      baselineOptions: { soft_frozen_decoder: { tau: 0.9 } },
    });
    expect(read({})).toEqual({ values: {}, layer: { evaluations: {}, variantOptions: {}, baselineOptions: {} } });
  });

  test("holds field by field over a preset, where that is part of the study", () => {
    const preset = { ...llmPresets.quick, evaluations: { ravel: { config: { candidates: 9, masks: 2 }, l0s: [32] } } };
    const { layer } = read({ evaluations: { ravel: { masks: 3 } }, options: { tau: 0.9 } });
    expect(withLayer(preset, layer)).toEqual({
      ...preset,
      evaluations: { ravel: { config: { candidates: 9, masks: 3 }, l0s: [32] } },
      baselineOptions: { soft_frozen_decoder: { tau: 0.9 } },
    });
  });

  test.each<[Record<string, unknown>, string, string]>([
    [{ modle: "tiny" }, "unknown_option", "there is no option modle; did you mean 'model'?"],
    [{ config: "other.ts" }, "unknown_option", "there is no option config"],
    [
      { evaluations: { probing: { trian: 5 } } },
      "unknown_option",
      "there is no option evaluations.probing.trian; did you mean 'train'?",
    ],
    [
      { evaluations: { autointerp: { explainer: { raech: 5 } } } },
      "unknown_option",
      "there is no option evaluations.autointerp.explainerRaech; did you mean 'explainerReach'?",
    ],
    [{ evaluations: { probbing: {} } }, "unknown_evaluation", "did you mean 'probing'?"],
    [{ options: { tua: 1 } }, "unknown_option", "there is no option options.tua; did you mean 'tau'?"],
    [{ l0: [0] }, "bad_option", "--config study.ts: l0: needed a number above 0, got '0'"],
    [{ l0: [] }, "bad_option", "l0: needed a number above 0, got ''"],
    [{ keepBos: 1 }, "bad_option", "keepBos: needed true or false, got 1"],
    [{ model: { name: "tiny" } }, "bad_option", "model: needed a text, a number, true or false, or a list of them"],
    [{ text: ["a,b.txt"] }, "bad_option", "text: needed a list of texts without commas or of numbers"],
    [
      { evaluations: { probing: { train: 0 } } },
      "bad_option",
      "evaluations.probing.train: needed a whole number above 0",
    ],
  ])("%j is refused", (study, code, message) => {
    let error: unknown;
    try {
      read(study);
    } catch (caught) {
      error = caught;
    }
    expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
  });
});
