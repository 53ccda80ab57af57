import { knownBaselines, knownVariants } from "../jobs/findByName.js";
import type { EvaluationChoice } from "../studies/evaluationPlan.js";
import type { LlmPreset } from "../studies/presets.js";
import { givenEvaluations } from "./evaluationOptions.js";
import { mergeFields } from "./mergeFields.js";
import { givenBaselineOptions, givenVariantOptions } from "./recipeOptions.js";

/**
 * What a study of a file says of single evaluations, architectures and baselines. It holds where these are part of the study, as what a preset says:
 * the command line may leave them out.
 */
export interface StudyLayer {
  readonly evaluations: Readonly<Record<string, Omit<EvaluationChoice, "id">>>;
  readonly variantOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly baselineOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const names = (definitions: readonly { readonly name: string }[]): string[] => definitions.map(({ name }) => name);

/**
 * @param ofEvaluations values of options of evaluations
 * @param own values of options that only some architectures or baselines have
 */
export function studyLayer(
  ids: readonly string[],
  ofEvaluations: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): StudyLayer {
  const chosen = givenEvaluations(
    ofEvaluations,
    ids.map((id) => ({ id })),
  );
  return {
    evaluations: Object.fromEntries(chosen.map(({ id, ...choice }) => [id, choice])),
    variantOptions: givenVariantOptions(own, names(knownVariants())),
    baselineOptions: givenBaselineOptions(own, names(knownBaselines())),
  };
}

/** A preset with what a study of a file says instead. */
export const withLayer = (preset: LlmPreset, layer: StudyLayer): LlmPreset => ({
  ...preset,
  evaluations: mergeFields(preset.evaluations, layer.evaluations) as LlmPreset["evaluations"],
  variantOptions: mergeFields(preset.variantOptions, layer.variantOptions) as LlmPreset["variantOptions"],
  baselineOptions: layer.baselineOptions,
});
