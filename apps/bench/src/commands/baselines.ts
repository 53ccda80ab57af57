import { basename } from "node:path";
import { recipeSchema } from "@sae/autoencoders";
import { localFile } from "../jobs/dataSource.js";
import { checkGroups } from "../options/checkGroups.js";
import { comparisonOptions, givenComparison, reportNameOption } from "../options/comparisonOptions.js";
import { chooseData, dataOptions } from "../options/dataOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { baselineOwnOptions, variantOwnOptions, withOwnOptions } from "../options/recipeOptions.js";
import { baselinesStudy } from "../studies/baselinesStudy.js";
import { allConditions } from "../studies/conditions.js";
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
      ...comparisonOptions({
        l0: defaultL0s.join(","),
        recipe: { dSae: "32 · d_model, as in the paper", steps: `${defaultSteps}` },
        seeds: defaultSeeds.join(","),
        evaluationRows: "131072",
      }),
      name: reportNameOption("baselines-FILE"),
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
  run: async (values, commandLine, { definitions }) => {
    const machine = machineOf(values);
    const { recipe, ...chosen } = givenComparison(values);
    const { batch } = recipeSchema.parse({ dSae: 1, steps: 1, ...recipe });
    const data = await chooseData(values, batch);
    const { dModel, rows, sha256, path } = data.file;
    const wholeRecipe = { dSae: expansion * dModel, steps: defaultSteps, ...recipe };
    checkGroups(chosen.variants, chosen.variantOptions, wholeRecipe.dSae);
    const label = basename(path).replace(/\.(npy|safetensors)$/, "");
    const study = baselinesStudy({
      name: values.name ?? `baselines-${label.replaceAll(/[^\w.-]+/g, "-")}`,
      label,
      rows,
      sha256,
      options: {
        ...chosen,
        data: data.config,
        dModel,
        dataRows: rows,
        l0s: values.l0 ?? defaultL0s,
        seeds: values.seeds ?? defaultSeeds,
        recipe: wholeRecipe,
        local: { ...localFile(data.file), ...machine.local, ...localDefinitions(definitions) },
      },
    });
    return runStudy(study, values.out ?? "runs", machine, commandLine);
  },
});
