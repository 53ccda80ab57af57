import { type RecipeInput, recipeSchema } from "@sae/autoencoders";
import { SaeError } from "@sae/core";
import { findVariant, knownBaselines, knownVariants } from "../jobs/findByName.js";
import { knownConditions, parseCondition } from "../studies/conditions.js";
import { choice, kebab, listOf, type Option, type Options } from "./option.js";
import { givenFields, optionNames, schemaOptions } from "./schemaOptions.js";

type Named = Readonly<Record<string, Option>>;
type Given = Readonly<Record<string, unknown>>;

const names = (definitions: readonly { readonly name: string }[]): string[] => definitions.map(({ name }) => name);

/** One architecture. */
export const variantOption = () =>
  choice({
    of: names(knownVariants()),
    hint: "NAME",
    describe: `architecture: ${names(knownVariants()).join(", ")}`,
    group: "What",
    code: "unknown_variant",
  });

/** Several architectures. */
export const variantsOption = () =>
  listOf(variantOption(), { describe: `architectures: ${names(knownVariants()).join(", ")}`, otherwise: "all" });

/** One way of training it. */
export const baselineOption = () =>
  choice({
    of: names(knownBaselines()),
    hint: "NAME",
    describe: `what is learned and what is random: ${names(knownBaselines()).join(", ")}`,
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
  givenFields(recipeSchema, (field) => values[renamed[field] ?? field]);

/** The options that only some architectures have, under the names of these. */
export const variantOwnOptions = (): Named => ownOptions(knownVariants(), ["l0"]);

/** The options that only some baselines have. */
export const baselineOwnOptions = (): Named => ownOptions(knownBaselines(), []);

/**
 * Options of a command with those that only some architectures, or only some baselines, have.
 *
 * @throws SaeError `name_taken` where one of the user's has the name of an option of the command
 */
export function withOwnOptions<Known extends Options>(options: Known, own: readonly Named[]): Known & Named {
  const added: Named = Object.assign({}, ...own);
  for (const [name, { group }] of Object.entries(added)) {
    if (!Object.hasOwn(options, name)) continue;
    throw new SaeError(
      "name_taken",
      `--${kebab(name)}: is an option of this command, and cannot be one '${group.toLowerCase()}'; give it another name in the file that defines it`,
    );
  }
  return { ...options, ...added };
}

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
 * @throws SaeError `bad_option` for one that none of the chosen architectures has, and for a target that one of them cannot have
 */
export function givenVariantOptions(values: Given, chosen: readonly string[]): Record<string, Record<string, unknown>> {
  const auxiliary = names(knownVariants().filter((variant) => variant.auxiliary));
  if ((values.aux !== undefined && values.aux !== 0) || values.kAux !== undefined) {
    const name = values.kAux === undefined ? "aux" : "kAux";
    if (!chosen.some((variant) => findVariant(variant).auxiliary)) throw notFor(name, auxiliary, chosen);
  }
  for (const l0 of [values.l0 ?? []].flat()) for (const variant of chosen) checkTarget(variant, `${l0}`);
  return distribute(values, knownVariants(), Object.keys(variantOwnOptions()), chosen);
}

/** A target that is within the limits of all architectures may not be within those of one: TopK's is a whole number. */
function checkTarget(variant: string, l0: string): void {
  const { l0: target } = schemaOptions(findVariant(variant).config, "");
  try {
    target.parse(l0);
  } catch (error) {
    if (!(error instanceof SaeError)) throw error;
    throw new SaeError(error.code, `--l0: ${variant} ${error.message}`, { cause: error });
  }
}

/** Options given to baselines, by baseline; as {@link givenVariantOptions}. */
export const givenBaselineOptions = (
  values: Given,
  chosen: readonly string[],
): Record<string, Record<string, unknown>> =>
  distribute(values, knownBaselines(), Object.keys(baselineOwnOptions()), chosen);

function distribute(
  values: Given,
  definitions: readonly { readonly name: string; readonly config: Parameters<typeof optionNames>[0] }[],
  names: readonly string[],
  chosen: readonly string[],
): Record<string, Record<string, unknown>> {
  const given = names.filter((name) => values[name] !== undefined);
  for (const name of given) {
    const owners = definitions.filter(({ config }) => optionNames(config).includes(name)).map((owner) => owner.name);
    if (!owners.some((owner) => chosen.includes(owner))) throw notFor(name, owners, chosen);
  }
  return Object.fromEntries(
    definitions.flatMap(({ name, config }) => {
      const own = givenFields(config, (field) => (given.includes(field) ? values[field] : undefined));
      return chosen.includes(name) && Object.keys(own).length > 0 ? [[name, own]] : [];
    }),
  );
}

const notFor = (name: string, owners: readonly string[], chosen: readonly string[]): SaeError =>
  new SaeError("bad_option", `--${kebab(name)}: belongs to ${owners.join(", ")}, not to ${chosen.join(", ")}`);

/** Conditions of a comparison, each checked. */
export const conditionsOption = () =>
  listOf(
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
      describe: `what to compare with the fully trained SAE: ${names(knownBaselines()).join(", ")}; NAME:cov draws rows with the covariance of the activations`,
      otherwise: knownConditions().join(","),
    },
  );
