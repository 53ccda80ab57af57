import { SaeError } from "@sae/core";
import { knownVariants } from "../jobs/findByName.js";
import { checkGroups } from "../options/checkGroups.js";
import { evaluationRowsOption, reportNameOption, seedsOption } from "../options/comparisonOptions.js";
import { definitionOptions } from "../options/definitionOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { choice, count, listOf, real } from "../options/option.js";
import {
  givenRecipe,
  givenVariantOptions,
  recipeOptions,
  variantOwnOptions,
  variantsOption,
  withOwnOptions,
} from "../options/recipeOptions.js";
import { paperSetting, presetNames, presets } from "../studies/presets.js";
import { runStudy } from "../studies/runStudy.js";
import { settingNames } from "../studies/syntheticPlan.js";
import { syntheticStudy } from "../studies/syntheticStudy.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const group = "Data";
const { n, features, l0, p, logMin, logMax } = paperSetting;

const options = () =>
  withOwnOptions(
    {
      preset: choice({
        of: presetNames,
        describe: `size of the study; any option changes one of its numbers. ${presetNames.map((name) => `${name}: ${presets[name].describe}`).join("; ")}`,
        otherwise: "laptop",
        group: "What",
      }),
      settings: listOf(choice({ of: settingNames, describe: "", hint: "NAME", group: "What" }), {
        describe: "constant: every feature as often as any other; variable: log-uniform probabilities",
        otherwise: "both",
      }),
      variants: variantsOption(),
      variantFile: definitionOptions.variantFile,
      l0: real({
        describe: "target number of active latents per input",
        otherwise: `${l0}`,
        above: 0,
        hint: "K",
        group: "What",
      }),
      n: count({ describe: "dimension of the activations", otherwise: `${n}`, group }),
      features: count({ describe: "number of true features", otherwise: `${features}`, group }),
      p: real({
        describe: "probability that a feature is active, constant setting",
        otherwise: `${p}`,
        least: 0,
        most: 1,
        group,
      }),
      logMin: real({
        describe: "log10 of the least probability, variable setting",
        otherwise: `${logMin}`,
        most: 0,
        group,
      }),
      logMax: real({
        describe: "log10 of the largest probability, variable setting",
        otherwise: `${logMax}`,
        most: 0,
        group,
      }),
      mu: real({ describe: "mean of the logarithm of the magnitudes", otherwise: "0", group }),
      sigma: real({
        describe:
          "standard deviation of the logarithm of the magnitudes: the first reading of the paper's Log-Normal(0, 0.25)",
        otherwise: "0.25",
        least: 0,
        group,
      }),
      variance: real({ describe: "its variance: the other reading; instead of --sigma", least: 0, group }),
      ...recipeOptions([], {
        dSae: "3200",
        steps: "the preset's",
        batch: "the preset's",
        lr: "0.001, the synthetic runs' own",
        warmup: "1000; quick 40",
        l0Warmup: "2000; quick 80",
      }),
      seeds: seedsOption("seeds, each with features, samples and draw of its own; instead of --seed", "0"),
      evaluationRows: evaluationRowsOption("the preset's", "samples"),
      name: reportNameOption("synthetic-PRESET"),
      ...machineOptions,
    },
    [variantOwnOptions()],
  );

/** `pnpm bench synthetic`: case study 1. */
export const syntheticCommand = benchCommand({
  name: "synthetic",
  description: "case study 1: do SAEs find features that are known?",
  about: [
    "Activations are sums of 20 or so of 3200 known directions in 100 dimensions. Trains every architecture on them, in two settings, and counts how many directions its decoder found, beside what random directions find and what the paper reports.",
    "Writes report.html, report.md, results.json and the figures 2, 3, 9 and 11 of the paper with a curve of the training budget. A setting of the recipe that is not given has the preset's value, or the default of the recipe.",
  ],
  examples: [
    ["synthetic --preset laptop", "both settings, five architectures, about half an hour on two cores"],
    [
      "synthetic --preset paper --settings constant --variants topk,batchtopk",
      "the paper's sharpest contrast at its size",
    ],
    ["synthetic --preset paper --dry-run", "what that would run, and what is done already"],
    [
      "synthetic --preset laptop --steps 20000 --seeds 0,1,2 --name longer",
      "twice the steps, three seeds, a report of its own",
    ],
  ],
  options,
  run: async (values, commandLine, { definitions }) => {
    const presetName = values.preset ?? "laptop";
    const preset = presets[presetName];
    if (values.sigma !== undefined && values.variance !== undefined) {
      throw new SaeError("bad_option", "--variance: says the same as --sigma, give one of them");
    }
    const ends = { logMin: values.logMin ?? logMin, logMax: values.logMax ?? logMax };
    if (ends.logMin > ends.logMax) {
      throw new SaeError(
        "bad_option",
        `--log-min: needed at most --log-max = ${ends.logMax}, got ${ends.logMin}; lower it or raise --log-max`,
      );
    }
    const { seed, ...recipe } = givenRecipe(values);
    if (values.seeds && seed !== undefined) {
      throw new SaeError("bad_option", "--seeds: names several seeds; leave out --seed");
    }
    const chosen = values.variants ?? knownVariants().map(({ name }) => name);
    const own = givenVariantOptions(values, chosen);
    const mu = values.mu ?? 0;
    const variantOptions = Object.fromEntries(
      chosen.map((variant) => [variant, { ...preset.variantOptions?.[variant], ...own[variant] }]),
    );
    const wholeRecipe = { ...preset.recipe, ...recipe };
    checkGroups(chosen, variantOptions, wholeRecipe.dSae);
    const machine = machineOf(values);
    const study = syntheticStudy({
      name: values.name ?? `synthetic-${presetName}`,
      preset: presetName,
      options: {
        ...paperSetting,
        ...Object.fromEntries(
          (["n", "features", "p", "logMin", "logMax", "l0"] as const).flatMap((name) =>
            values[name] === undefined ? [] : [[name, values[name]]],
          ),
        ),
        magnitude:
          values.variance === undefined ? { mu, sigma: values.sigma ?? 0.25 } : { mu, variance: values.variance },
        settings: values.settings ?? settingNames,
        variants: chosen,
        seeds: values.seeds ?? [seed ?? 0],
        recipe: wholeRecipe,
        variantOptions,
        snapshots: preset.snapshots,
        rows: { ...preset.rows, ...(values.evaluationRows !== undefined && { evaluationRows: values.evaluationRows }) },
        floor: preset.floor,
        local: { ...machine.local, ...localDefinitions(definitions) },
      },
    });
    return runStudy(study, values.out ?? "runs", machine, commandLine);
  },
});
