import type { TrainSpec } from "@sae/autoencoders";
import { constraintOf } from "@sae/baselines";
import { findBaseline, findVariant } from "./findByName.js";
import type { TrainConfig } from "./trainConfig.js";

/**
 * What a training program depends on, from a job's config.
 *
 * @throws SaeError `unknown_variant`, `unknown_baseline`, `bad_config`
 */
export function trainSpec(
  {
    variant: name,
    variantConfig,
    baseline,
    baselineConfig,
    recipe,
  }: Pick<TrainConfig, "variant" | "variantConfig" | "baseline" | "baselineConfig" | "recipe">,
  dModel: number,
): TrainSpec {
  const variant = findVariant(name);
  const constraint = constraintOf(findBaseline(baseline), baselineConfig);
  const dSae = constraint.width?.({ dModel, dSae: recipe.dSae }) ?? recipe.dSae;
  return { variant, config: variant.config.parse(variantConfig), constraint, recipe, dModel, dSae };
}
