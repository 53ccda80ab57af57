import { evaluations } from "../evaluations/index.js";
import { type LlmPresetName, llmPresets } from "../studies/presets.js";
import { comparisonOptions } from "./comparisonOptions.js";
import { configOption } from "./definitionOptions.js";
import { evaluationOptions } from "./evaluationOptions.js";
import { explainerOptions, llmEvaluation } from "./explainerOptions.js";
import { harvestOptions, hookOption, modelOptions, textOptions } from "./modelOptions.js";
import { choice, count, listOf, real } from "./option.js";
import { baselineOwnOptions, variantOwnOptions, withOwnOptions } from "./recipeOptions.js";

const evaluationIds = evaluations.map(({ id }) => id);

/**
 * Options of a study in a language model.
 *
 * @param presets names of those that can be chosen
 * @param usual the one that holds when none is, for the help
 */
export const llmOptions = <Name extends LlmPresetName>(presets: readonly Name[], usual: Name) => {
  const preset = llmPresets[usual];
  const { tokens, evaluationContexts, heldOut, l0s, l0sOf, latents, recipe, seeds } = preset;
  return withOwnOptions(
    {
      config: configOption,
      preset: choice({
        of: presets,
        describe: `size of the study in a language model; any option changes one of its numbers. ${presets.map((name) => `${name}: ${llmPresets[name].describe}`).join("; ")}`,
        otherwise: usual,
        group: "What",
      }),
      ...modelOptions,
      model: { ...modelOptions.model, needed: false, otherwise: "embedded, which comes with the program" },
      hook: listOf(hookOption, { otherwise: "after the middle block" }),
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
      ...comparisonOptions({
        l0: [
          l0s.join(","),
          ...Object.entries(l0sOf).map(([variant, targets]) => `${variant} ${targets.join(",")}`),
        ].join("; "),
        recipe: {
          dSae: "dSae" in latents ? `${latents.dSae}` : `${latents.expansion} · d_model`,
          ...Object.fromEntries(Object.entries(recipe).map(([name, value]) => [name, `${value}`])),
        },
        seeds: seeds.join(","),
        evaluationRows: "131072, or the preset's",
      }),
      evals: listOf(choice({ of: evaluationIds, hint: "NAME", describe: "", code: "unknown_evaluation" }), {
        describe: `what is measured: ${evaluationIds.join(", ")}`,
        otherwise: `all but ${llmEvaluation}, which --explainer-model adds`,
        group: "What",
      }),
      ...evaluationOptions(preset.evaluations),
      ...explainerOptions,
    },
    [variantOwnOptions(), baselineOwnOptions()],
  );
};
