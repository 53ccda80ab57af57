import { SaeError } from "@sae/core";
import type { Evaluation } from "../evaluations/evaluation.js";
import { evaluations } from "../evaluations/index.js";
import type { EvaluationChoice } from "../studies/evaluationPlan.js";
import { evaluationOptionName as nameOf } from "./evaluationOptionName.js";
import { llmEvaluation } from "./explainerOptions.js";
import { isFields, mergeFields } from "./mergeFields.js";
import { kebab, listOf, type Option, real } from "./option.js";
import { variantOption } from "./recipeOptions.js";
import { givenFields, schemaOptions } from "./schemaOptions.js";

type Given = Readonly<Record<string, unknown>>;

/** What a preset chooses of evaluations, by their ids. */
type Chosen = Readonly<Record<string, Omit<EvaluationChoice, "id">>>;

/** Fields that other options of the command line set. */
const setElsewhere: Readonly<Record<string, readonly string[]>> = { [llmEvaluation]: ["explainer"] };

/** Options that say which SAEs an evaluation is made on, and what they are called in `EvaluationChoice`. */
const whichSaes = { l0: "l0s", variants: "variants" } as const;

/**
 * An option for each field of each evaluation's config, and those for its targets and architectures: `--probing-train`, `--probing-l0`, `--probing-variants`. Reconstruction is
 * measured by training, at every target, and has none.
 *
 * @param chosen what a preset chooses, for the help
 */
export const evaluationOptions = (chosen: Chosen = {}): Readonly<Record<string, Option>> =>
  Object.fromEntries(
    evaluations.flatMap((evaluation) => {
      const { id } = evaluation;
      const own = Object.entries(optionsOfEvaluation(evaluation, chosen[id]));
      return own.map(([name, option]) => [nameOf(id, [name]), option]);
    }),
  );

function usualTargets(id: string, isLean: boolean): string {
  if (id === llmEvaluation) return "the middle one";
  return isLean ? "all of the main architecture, the middle one of the others" : "all";
}

/** Those of one evaluation, without its name before theirs. */
export function optionsOfEvaluation(
  { id, title, config, scores }: Evaluation,
  { config: preset = {}, l0s, variants, isLean = false }: Chosen[string] = {},
): Record<string, Option> {
  if (scores !== undefined) return {};
  const group = `Of the evaluation ${id}: ${title}`;
  const at = listOf(real({ above: 0, hint: "K", describe: "" }), {
    describe: "targets that it is made at, of those of the study",
    otherwise: l0s?.toString() ?? usualTargets(id, isLean),
  });
  const on = listOf(variantOption(), {
    describe: "architectures that it is made on, of those of the study",
    otherwise: variants?.toString() ?? "all",
  });
  const isSetHere = (name: string) => !(setElsewhere[id] ?? []).some((field) => name.startsWith(field));
  const otherwise = Object.fromEntries(
    Object.entries(preset).flatMap(([name, value]) => (isFields(value) ? [] : [[name, `${value}`]])),
  );
  const own = Object.entries(schemaOptions(config, group, otherwise)).filter(([name]) => isSetHere(name));
  return { l0: { ...at, group }, variants: { ...on, group }, ...Object.fromEntries(own) };
}

/**
 * Evaluations as a preset has them, with what was given of their options instead.
 *
 * @throws SaeError `bad_option` for options of an evaluation that is not among them
 */
export function givenEvaluations(values: Given, chosen: readonly EvaluationChoice[]): EvaluationChoice[] {
  const names = Object.keys(evaluationOptions());
  const ids = chosen.map(({ id }) => id);
  for (const { id } of evaluations) {
    if (ids.includes(id)) continue;
    const given = names.find((name) => ownerOf(name) === id && values[name] !== undefined);
    if (given === undefined) continue;
    throw new SaeError(
      "bad_option",
      `--${kebab(given)}: belongs to the evaluation ${id}, which is not among ${ids.join(", ")}; add it to --evals`,
    );
  }
  return chosen.map((choice) => {
    const evaluation = evaluations.find(({ id }) => id === choice.id);
    if (evaluation === undefined) return choice;
    const own = (name: string) => values[nameOf(choice.id, [name])];
    const config = mergeFields(choice.config ?? {}, givenFields(evaluation.config, own));
    const saes = Object.entries(whichSaes).flatMap(([option, field]) => {
      const value = own(option);
      return value === undefined ? [] : [[field, value]];
    });
    // Who says which SAEs means all of those.
    return { ...choice, config, ...(saes.length > 0 && { isLean: false }), ...Object.fromEntries(saes) };
  });
}

/** The evaluation of an option: that with the longest name that the option begins with. */
const ownerOf = (name: string): string | undefined =>
  evaluations
    .map(({ id }) => id)
    .filter((id) => name.startsWith(nameOf(id, [])))
    .sort((a, b) => b.length - a.length)[0];
