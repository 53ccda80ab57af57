import { forwardCost, type LanguageModel } from "@sae/models";
import { once } from "../costs/once.js";
import { evaluations } from "../evaluations/index.js";
import { knownVariants } from "../jobs/findByName.js";
import { knownConditions, parseCondition } from "../studies/conditions.js";
import type { LlmStudyOptions } from "../studies/llmPlan.js";
import { mainTarget } from "../studies/mainTarget.js";
import type { LlmPreset } from "../studies/presets.js";
import { definitionOptions } from "./definitionOptions.js";
import { chosenExplainer, explainerOptions, llmEvaluation } from "./explainerOptions.js";
import type { Machine, machineOptions } from "./machineOptions.js";
import {
  chosenModel,
  chosenTexts,
  givenHarvest,
  harvestOptions,
  modelFacts,
  modelOptions,
  textOptions,
} from "./modelOptions.js";
import { choice, count, listOf, real, type Values, word } from "./option.js";
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
} from "./recipeOptions.js";

/** The stream after the middle block: of two the later, where more is known of an entity. */
const middleHook = ({ sizes }: LanguageModel): string => `blocks.${Math.floor(sizes.nLayers / 2)}.hook_resid_post`;

const evaluationIds = evaluations.map(({ id }) => id);
const usualEvaluations = evaluations.filter(({ onRequest }) => !onRequest).map(({ id }) => id);

/** Options of a study in a language model, with what a preset chooses in the help. */
export const llmOptions = ({ tokens, evaluationContexts, heldOut, l0s, l0sOf, latents, recipe, seeds }: LlmPreset) =>
  withOwnOptions(
    {
      ...modelOptions,
      model: { ...modelOptions.model, needed: false, otherwise: "embedded, which comes with the program" },
      hook: word({
        describe: "where: blocks.L.hook_resid_post and the like, by TransformerLens's names",
        otherwise: "after the middle block",
        hint: "NAME",
        group: "Model",
      }),
      ...textOptions,
      text: { ...textOptions.text, needed: false, otherwise: "texts that come with the program" },
      tokens: count({ describe: "activations to train on", otherwise: `${tokens}`, group: "Text" }),
      ...harvestOptions,
      evaluationContexts: count({
        describe: "contexts kept for evaluations in the model",
        otherwise: `${evaluationContexts}`,
        group: "Text",
      }),
      heldOut: real({
        describe: "share of the activations kept for thresholds and explained variance",
        otherwise: `${heldOut}`,
        above: 0,
        below: 1,
        group: "Text",
      }),
      variants: variantsOption(),
      baselines: conditionsOption(),
      ...definitionOptions,
      l0: listOf(real({ above: 0, hint: "K", describe: "" }), {
        describe: "target numbers of active latents per input, of every architecture",
        otherwise: [
          l0s.join(","),
          ...Object.entries(l0sOf).map(([variant, targets]) => `${variant} ${targets.join(",")}`),
        ].join("; "),
        group: "What",
      }),
      evals: listOf(choice({ of: evaluationIds, hint: "NAME", describe: "", code: "unknown_evaluation" }), {
        describe: `what is measured: ${evaluationIds.join(", ")}`,
        otherwise: `all but ${llmEvaluation}, which --explainer-model adds`,
        group: "What",
      }),
      ...recipeOptions(["seed", "init"], {
        dSae: "dSae" in latents ? `${latents.dSae}` : `${latents.expansion} · d_model`,
        ...Object.fromEntries(Object.entries(recipe).map(([name, value]) => [name, `${value}`])),
      }),
      seeds: listOf(count({ least: 0, describe: "" }), {
        describe: "seeds: of the draw, the order of the rows and the held-out part, the same for all conditions",
        otherwise: seeds.join(","),
        group: "Training",
      }),
      ...explainerOptions,
      evaluationRows: count({
        describe: "held-out rows of the final evaluation",
        otherwise: "131072, or the preset's",
        group: "Output",
      }),
    },
    [variantOwnOptions(), baselineOwnOptions()],
  );

/**
 * The study that the options ask for; opens model and texts to see what they are.
 *
 * @throws SaeError those of `loadModel`, `chosenTexts` and `chosenExplainer`, `bad_option`
 */
export async function chosenLlmStudy(
  values: Values<ReturnType<typeof llmOptions> & Pick<typeof machineOptions, "out">>,
  preset: LlmPreset,
  { local }: Machine,
): Promise<LlmStudyOptions> {
  const reference = values.model ?? "embedded";
  const names = values.variants ?? knownVariants().map(({ name }) => name);
  const conditions = (values.baselines ?? knownConditions()).map(parseCondition);
  const targets = { variants: names, l0s: values.l0 ?? preset.l0s, l0sOf: values.l0 ? {} : preset.l0sOf };
  const chosen: readonly string[] = values.evals ?? usualEvaluations;
  const isAsked = chosen.includes(llmEvaluation);
  const explainer = chosenExplainer(values, { out: values.out ?? "runs", isAsked });
  const model = await chosenModel(reference, values);
  try {
    const { dModel } = model.sizes;
    const texts = await chosenTexts(values.text, values);
    const given = givenVariantOptions(values, names);
    const { latents } = preset;
    const hook = values.hook ?? middleHook(model);
    const harvest = givenHarvest(values, model);
    const { nCtx } = harvest;
    return {
      ...targets,
      model: reference,
      harvest: {
        model: model.identity,
        hook,
        texts: texts.source.identity,
        ...harvest,
        rows: values.tokens ?? preset.tokens,
        evaluationContexts: values.evaluationContexts ?? preset.evaluationContexts,
      },
      prefix: once(() => forwardCost(model, { hook, nCtx })),
      heldOut: values.heldOut ?? preset.heldOut,
      dModel,
      conditions,
      seeds: values.seeds ?? preset.seeds,
      recipe: {
        dSae: "dSae" in latents ? latents.dSae : latents.expansion * dModel,
        ...preset.recipe,
        ...givenRecipe(values),
      },
      variantOptions: Object.fromEntries(
        names.map((name) => [name, { ...preset.variantOptions[name], ...given[name] }]),
      ),
      baselineOptions: givenBaselineOptions(
        values,
        conditions.map(({ baseline }) => baseline.name),
      ),
      rows: { ...preset.rows, ...(values.evaluationRows !== undefined && { evaluationRows: values.evaluationRows }) },
      lazy: { variant: lazyVariant(names), l0: mainTarget(targets), shares: preset.lazyShares },
      evaluations: [...chosen, ...(explainer && !isAsked ? [llmEvaluation] : [])].map((id) => ({
        id,
        ...presetEvaluation(preset, id, values),
        // The paper explains latents at one target.
        ...(explainer &&
          id === llmEvaluation && { config: { explainer: explainer.config }, l0s: [mainTarget(targets)] }),
      })),
      local,
      localModel: { ...texts.local, ...modelFacts(reference, values), ...explainer?.local },
    };
  } finally {
    await model.close();
  }
}

/** What the preset says of an evaluation: architectures and targets that the user named are all evaluated. */
function presetEvaluation(
  { evaluations }: LlmPreset,
  id: string,
  given: { readonly variants?: readonly string[]; readonly l0?: readonly number[] },
) {
  const { config, variants, l0s } = evaluations[id] ?? {};
  return { config, ...(!given.variants && { variants }), ...(!given.l0 && { l0s }) };
}

/** JumpReLU, as in the paper's figure 11, or the first architecture there is. */
const lazyVariant = (names: readonly string[]): string => (names.includes("jumprelu") ? "jumprelu" : names[0]);
