import { basename } from "node:path";
import { recipeSchema } from "@sae/autoencoders";
import { localFile } from "../jobs/dataSource.js";
import { knownVariants } from "../jobs/findByName.js";
import { chooseData, dataOptions } from "../options/dataOptions.js";
import { definitionOptions } from "../options/definitionOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { count, folderName, listOf, real } from "../options/option.js";
import {
  baselineOwnOptions,
  conditionsOption,
  givenBaselineOptions,
  givenRecipe,
  givenVariantOptions,
  recipeOptions,
  variantOwnOptions,
  variantsOption,
  withOwnOptions,
} from "../options/recipeOptions.js";
import { baselinesStudy } from "../studies/baselinesStudy.js";
import { allConditions, knownConditions, parseCondition } from "../studies/conditions.js";
import { runStudy } from "../studies/runStudy.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const defaultSteps = 4000;
const defaultL0s = [8, 16, 32];
const defaultSeeds = [0, 1, 2];
/** Latents for each dimension, as in the paper. */
const expansion = 32;

const options = () =>
  withOwnOptions(
    {
      ...dataOptions,
      variants: variantsOption(),
      baselines: conditionsOption(),
      ...definitionOptions,
      l0: listOf(real({ above: 0, hint: "K", describe: "" }), {
        describe: "target numbers of active latents per input",
        otherwise: defaultL0s.join(","),
        group: "What",
      }),
      ...recipeOptions(["seed", "init"], { dSae: "32 · d_model, as in the paper", steps: `${defaultSteps}` }),
      seeds: listOf(count({ least: 0, describe: "" }), {
        describe: "seeds: of the draw, the order of the rows and the held-out part, the same for all conditions",
        otherwise: defaultSeeds.join(","),
        group: "Training",
      }),
      evaluationRows: count({
        describe: "held-out rows of the final evaluation",
        otherwise: "131072",
        group: "Output",
      }),
      name: folderName({
        describe: "the report goes to OUT/report-NAME",
        otherwise: "baselines-FILE",
        group: "Output",
      }),
      ...machineOptions,
    },
    [variantOwnOptions(), baselineOwnOptions()],
  );

/** `pnpm bench baselines`: case study 2, reconstruction, on activations of the user's. */
export const baselinesCommand = benchCommand({
  name: "baselines",
  description: "case study 2 on activations of yours: does training beat the random baselines?",
  about: [
    "Trains every architecture fully, as each random baseline (frozen decoder, soft-frozen decoder, frozen encoder) and as controls (random, PCA, shuffled decoder), at every target L0 and seed, and prints explained variance, L0, dead latents and decoder drift, and what training adds over the best baseline with its interval.",
    `The defaults are ${5 * allConditions.length * defaultL0s.length * defaultSeeds.length} runs of ${defaultSteps} steps of 4096, which is a night on a few cores for d_model 64 and longer for more: begin with --seeds 0 --l0 16, add seeds and targets later. What is done is kept.`,
  ],
  examples: [
    ["baselines --data acts.npy --d-sae 2048 --l0 16 --seeds 0", "one target, one seed: a first look"],
    ["baselines --data acts.npy --d-sae 2048 --l0 8,16,32 --seeds 0,1,2", "the whole table, with intervals over seeds"],
    [
      "baselines --data acts.npy --variants batchtopk --baselines frozen_decoder,frozen_decoder:cov --l0 16",
      "one architecture against both frozen decoders",
    ],
  ],
  options,
  run: async (values, commandLine, definitions) => {
    const machine = machineOf(values);
    const chosen = values.variants ?? knownVariants().map(({ name }) => name);
    const conditions = (values.baselines ?? knownConditions()).map(parseCondition);
    const variantOptions = givenVariantOptions(values, chosen);
    const baselineOptions = givenBaselineOptions(
      values,
      conditions.map(({ baseline }) => baseline.name),
    );
    const given = givenRecipe(values);
    const { batch } = recipeSchema.parse({ dSae: 1, steps: 1, ...given });
    const data = await chooseData(values, batch);
    const { dModel, rows, sha256, path } = data.file;
    const label = basename(path).replace(/\.(npy|safetensors)$/, "");
    const study = baselinesStudy({
      name: values.name ?? `baselines-${label.replaceAll(/[^\w.-]+/g, "-")}`,
      label,
      rows,
      sha256,
      options: {
        data: data.config,
        dModel,
        dataRows: rows,
        variants: chosen,
        conditions,
        l0s: values.l0 ?? defaultL0s,
        seeds: values.seeds ?? defaultSeeds,
        recipe: { dSae: expansion * dModel, steps: defaultSteps, ...given },
        variantOptions,
        baselineOptions,
        rows: values.evaluationRows === undefined ? {} : { evaluationRows: values.evaluationRows },
        local: { ...localFile(data.file), ...machine.local, ...localDefinitions(definitions) },
      },
    });
    return runStudy(study, values.out ?? "runs", machine, commandLine);
  },
});
