import { type RecipeInput, recipeSchema, variants } from "@sae/autoencoders";
import { baselines } from "@sae/baselines";
import { SaeError } from "@sae/core";
import { findVariant } from "../jobs/findByName.js";
import { allConditions, parseCondition } from "../studies/conditions.js";
import { choice, kebab, listOf, type Option } from "./option.js";
import { fieldsOf, schemaOptions } from "./schemaOptions.js";

type Named = Readonly<Record<string, Option>>;
type Given = Readonly<Record<string, unknown>>;

const variantNames = variants.map(({ name }) => name);
const baselineNames = baselines.map(({ name }) => name);

/** One architecture. */
export const variantOption = choice({
  of: variantNames,
  hint: "NAME",
  describe: `architecture: ${variantNames.join(", ")}`,
  group: "What",
  code: "unknown_variant",
});

/** Several architectures. */
export const variantsOption = listOf(variantOption, {
  describe: `architectures: ${variantNames.join(", ")}`,
  otherwise: "all",
});

/** One way of training it. */
export const baselineOption = choice({
  of: baselineNames,
  hint: "NAME",
  describe: `what is learned and what is random: ${baselineNames.join(", ")}`,
  otherwise: "trained",
  group: "What",
  code: "unknown_baseline",
});

/** The distribution of the random draw is an option of baselines; `--init` names a file of starting weights. */
const renamed: Readonly<Record<string, string>> = { init: "baselineInit" };

/** An option for each choice of the training recipe, but for those that a command names itself. */
export function recipeOptions(without: readonly string[], otherwise: Readonly<Record<string, string>> = {}): Named {
  const all = Object.entries(schemaOptions(recipeSchema, "Training", otherwise));
  return Object.fromEntries(
    all.flatMap(([name, option]) => (without.includes(name) ? [] : [[renamed[name] ?? name, option]])),
  );
}

/** What was given of the recipe; each value has passed the recipe's own schema. */
export const givenRecipe = (values: Given): Partial<RecipeInput> =>
  Object.fromEntries(
    fieldsOf(recipeSchema).flatMap((field) => {
      const value = values[renamed[field] ?? field];
      return value === undefined ? [] : [[field, value]];
    }),
  );

/** The options that only some architectures have, each with the names of these. */
export const variantOwnOptions: Named = ownOptions(variants, ["l0"]);

/** The options that only some baselines have. */
export const baselineOwnOptions: Named = ownOptions(baselines, []);

function ownOptions(
  definitions: readonly { readonly name: string; readonly config: Parameters<typeof schemaOptions>[0] }[],
  without: readonly string[],
): Named {
  const options: Record<string, Option> = {};
  for (const { name, config } of definitions) {
    for (const [field, option] of Object.entries(schemaOptions(config, `Of ${name} only`))) {
      if (!without.includes(field)) options[field] ??= option;
    }
  }
  return options;
}

/**
 * Options given to architectures, by architecture.
 *
 * @throws SaeError `bad_option` for one that none of the chosen architectures has
 */
export function givenVariantOptions(values: Given, chosen: readonly string[]): Record<string, Record<string, unknown>> {
  const auxiliary = variants.filter((variant) => variant.auxiliary).map(({ name }) => name);
  if ((values.aux !== undefined && values.aux !== 0) || values.kAux !== undefined) {
    const name = values.kAux === undefined ? "aux" : "kAux";
    if (!chosen.some((variant) => findVariant(variant).auxiliary)) throw notFor(name, auxiliary, chosen);
  }
  return distribute(values, variants, Object.keys(variantOwnOptions), chosen);
}

/** Options given to baselines, by baseline; as {@link givenVariantOptions}. */
export const givenBaselineOptions = (
  values: Given,
  chosen: readonly string[],
): Record<string, Record<string, unknown>> => distribute(values, baselines, Object.keys(baselineOwnOptions), chosen);

function distribute(
  values: Given,
  definitions: readonly { readonly name: string; readonly config: Parameters<typeof fieldsOf>[0] }[],
  names: readonly string[],
  chosen: readonly string[],
): Record<string, Record<string, unknown>> {
  const out: Record<string, Record<string, unknown>> = {};
  for (const name of names) {
    if (values[name] === undefined) continue;
    const owners = definitions.filter(({ config }) => fieldsOf(config).includes(name)).map((owner) => owner.name);
    const takers = owners.filter((owner) => chosen.includes(owner));
    if (takers.length === 0) throw notFor(name, owners, chosen);
    for (const taker of takers) out[taker] = { ...out[taker], [name]: values[name] };
  }
  return out;
}

const notFor = (name: string, owners: readonly string[], chosen: readonly string[]): SaeError =>
  new SaeError("bad_option", `--${kebab(name)}: belongs to ${owners.join(", ")}, not to ${chosen.join(", ")}`);

/** Conditions of a comparison, each checked. */
export const conditionsOption = listOf(
  {
    hint: "NAME",
    describe: "",
    group: "What",
    parse: (text: string) => {
      parseCondition(text);
      return text;
    },
  },
  {
    describe: `what to compare with the fully trained SAE: ${baselineNames.join(", ")}; NAME:cov draws rows with the covariance of the activations`,
    otherwise: allConditions.join(","),
  },
);
