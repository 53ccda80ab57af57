import { forwardCost, type LanguageModel } from "@sae/models";
import { once } from "../costs/once.js";
import { knownVariants } from "../jobs/findByName.js";
import { definitionOptions } from "../options/definitionOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import {
  chosenModel,
  chosenTexts,
  givenHarvest,
  harvestOptions,
  modelFacts,
  modelOptions,
  textOptions,
} from "../options/modelOptions.js";
import { count, folderName, listOf, real, word } from "../options/option.js";
import { required } from "../options/readArguments.js";
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
import { knownConditions, parseCondition } from "../studies/conditions.js";
import { llmStudy } from "../studies/llmStudy.js";
import { runStudy } from "../studies/runStudy.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const defaults = { tokens: 500_000, l0s: [16, 32, 64], seeds: [0], steps: 4000, expansion: 8, evaluationContexts: 64 };

/** The stream after the middle block. */
const middleHook = ({ sizes }: LanguageModel): string =>
  `blocks.${Math.max(0, Math.ceil(sizes.nLayers / 2) - 1)}.hook_resid_post`;

const options = () =>
  withOwnOptions(
    {
      ...modelOptions,
      hook: word({
        describe: "where: blocks.L.hook_resid_post and the like, by TransformerLens's names",
        otherwise: "after the middle block",
        hint: "NAME",
        group: "Model",
      }),
      ...textOptions,
      tokens: count({ describe: "activations to train on", otherwise: `${defaults.tokens}`, group: "Text" }),
      ...harvestOptions,
      evaluationContexts: count({
        describe: "contexts kept for cross entropy and KL divergence",
        otherwise: `${defaults.evaluationContexts}`,
        group: "Text",
      }),
      heldOut: real({
        describe: "share of the activations kept for thresholds and explained variance",
        otherwise: "0.05",
        above: 0,
        below: 1,
        group: "Text",
      }),
      variants: variantsOption(),
      baselines: conditionsOption(),
      ...definitionOptions,
      l0: listOf(real({ above: 0, hint: "K", describe: "" }), {
        describe: "target numbers of active latents per input",
        otherwise: defaults.l0s.join(","),
        group: "What",
      }),
      ...recipeOptions(["seed", "init"], { dSae: `${defaults.expansion} · d_model`, steps: `${defaults.steps}` }),
      seeds: listOf(count({ least: 0, describe: "" }), {
        describe: "seeds: of the draw, the order of the rows and the held-out part, the same for all conditions",
        otherwise: defaults.seeds.join(","),
        group: "Training",
      }),
      evaluationRows: count({
        describe: "held-out rows of the final evaluation",
        otherwise: "131072",
        group: "Output",
      }),
      name: folderName({ describe: "the report goes to OUT/report-NAME", otherwise: "llm-MODEL", group: "Output" }),
      ...machineOptions,
    },
    [variantOwnOptions(), baselineOwnOptions()],
  );

/** `pnpm bench llm`: case study 2 in a language model. */
export const llmCommand = benchCommand({
  name: "llm",
  description: "case study 2 in a language model: explained variance, cross entropy and KL divergence",
  about: [
    "Harvests a language model's activations at a hook, trains every architecture fully, as each random baseline and as controls at every target L0, and measures explained variance, and cross entropy and KL divergence of the model with each reconstruction in place of the activations.",
    "Writes report.html, report.md, results.json and the figures 4, 12 and 13 of the paper. What is done is kept: more targets, seeds or baselines only run what is new.",
  ],
  examples: [
    [
      "llm --model tinyllama-1.1b --hook blocks.10.hook_resid_post --text wiki.txt --tokens 50000 --d-sae 4096 --l0 32,64 --steps 1000 --batch 512",
      "a 1.1B model on a laptop",
    ],
    [
      "llm --model ./my-model --text data.jsonl --variants topk,batchtopk --l0 32 --seeds 0,1,2",
      "intervals over seeds",
    ],
    ["llm --model ./my-model --text data.jsonl --dry-run", "what that would run, and what is done already"],
  ],
  options,
  run: async (values, definitions) => {
    const machine = machineOf(values);
    const reference = required(values.model, "model", "MODEL");
    const chosen = values.variants ?? knownVariants().map(({ name }) => name);
    const conditions = (values.baselines ?? knownConditions()).map(parseCondition);
    const model = await chosenModel(reference, values);
    const { dModel } = model.sizes;
    const hook = values.hook ?? middleHook(model);
    const harvest = givenHarvest(values, model);
    const { nCtx } = harvest;
    const texts = await chosenTexts(required(values.text, "text", "PATH,…"), values);
    const study = llmStudy(values.name ?? `llm-${reference.replaceAll(/[^\w.-]+/g, "-").replace(/^[.-]+/, "")}`, {
      model: reference,
      harvest: {
        model: model.identity,
        hook,
        texts: texts.source.identity,
        ...harvest,
        rows: values.tokens ?? defaults.tokens,
        evaluationContexts: values.evaluationContexts ?? defaults.evaluationContexts,
      },
      passes: once(() => ({
        prefix: forwardCost(model, { hook, nCtx }),
        whole: forwardCost(model, { nCtx }),
        dVocab: model.sizes.dVocab,
      })),
      heldOut: values.heldOut ?? 0.05,
      dModel,
      variants: chosen,
      conditions,
      l0s: values.l0 ?? defaults.l0s,
      seeds: values.seeds ?? defaults.seeds,
      recipe: { dSae: defaults.expansion * dModel, steps: defaults.steps, ...givenRecipe(values) },
      variantOptions: givenVariantOptions(values, chosen),
      baselineOptions: givenBaselineOptions(
        values,
        conditions.map(({ baseline }) => baseline.name),
      ),
      rows: values.evaluationRows === undefined ? {} : { evaluationRows: values.evaluationRows },
      local: { ...machine.local, ...localDefinitions(definitions) },
      localModel: { ...texts.local, ...localDefinitions(definitions), ...modelFacts(reference, values) },
    });
    await model.close();
    return runStudy(study, values.out ?? "runs", machine);
  },
});
