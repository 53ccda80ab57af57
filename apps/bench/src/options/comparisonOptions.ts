import type { RecipeInput } from "@sae/autoencoders";
import { knownVariants } from "../jobs/findByName.js";
import type { BaselinesOptions } from "../studies/baselinesPlan.js";
import { knownConditions, parseCondition } from "../studies/conditions.js";
import { definitionOptions } from "./definitionOptions.js";
import { count, folderName, listOf, real, type Values } from "./option.js";
import {
  conditionsOption,
  givenBaselineOptions,
  givenRecipe,
  givenVariantOptions,
  recipeOptions,
  variantsOption,
} from "./recipeOptions.js";

/** Rows of the final evaluation. */
export const evaluationRowsOption = (otherwise: string, rows = "rows") =>
  count({ describe: `held-out ${rows} of the final evaluation`, otherwise, group: "Output" });

/** Name of a study's report. */
export const reportNameOption = (otherwise: string) =>
  folderName({ describe: "the report goes to OUT/report-NAME", otherwise, group: "Output" });

/** Several seeds. */
export const seedsOption = (describe: string, otherwise: string) =>
  listOf(count({ least: 0, describe: "" }), { describe, otherwise, group: "Training" });

/**
 * Options of a comparison of architectures with their random baselines.
 *
 * @param otherwise what holds where they are left out, in words; `recipe` by the recipe's names
 */
export const comparisonOptions = (otherwise: {
  readonly l0: string;
  readonly recipe: Readonly<Record<string, string>>;
  readonly seeds: string;
  readonly evaluationRows: string;
}) => ({
  variants: variantsOption(),
  baselines: conditionsOption(),
  ...definitionOptions,
  l0: listOf(real({ above: 0, hint: "K", describe: "" }), {
    describe: "target numbers of active latents per input, of every architecture",
    otherwise: otherwise.l0,
    group: "What",
  }),
  ...recipeOptions(["seed", "init"], otherwise.recipe),
  seeds: seedsOption(
    "seeds: of the draw, the order of the rows and the held-out part, the same for all conditions",
    otherwise.seeds,
  ),
  evaluationRows: evaluationRowsOption(otherwise.evaluationRows),
});

/**
 * What these options say of a comparison; everything that there is where none are named.
 *
 * @throws SaeError `bad_option` for options that none of the chosen architectures and baselines has
 */
export function givenComparison(values: Partial<Values<ReturnType<typeof comparisonOptions>>>): Pick<
  BaselinesOptions,
  "variants" | "conditions"
> &
  Required<Pick<BaselinesOptions, "variantOptions" | "baselineOptions" | "rows">> & {
    readonly recipe: Partial<RecipeInput>;
  } {
  const { evaluationRows } = values;
  const variants = values.variants ?? knownVariants().map(({ name }) => name);
  const conditions = (values.baselines ?? knownConditions()).map(parseCondition);
  return {
    variants,
    conditions,
    recipe: givenRecipe(values),
    variantOptions: givenVariantOptions(values, variants),
    baselineOptions: givenBaselineOptions(
      values,
      conditions.map(({ baseline }) => baseline.name),
    ),
    rows: evaluationRows === undefined ? {} : { evaluationRows },
  };
}
