import { checkHookNames, forwardCost, type LanguageModel } from "@sae/models";
import { once } from "../costs/once.js";
import { evaluations } from "../evaluations/index.js";
import type { EvaluationChoice } from "../studies/evaluationPlan.js";
import type { LlmStudyOptions } from "../studies/llmPlan.js";
import { mainTarget } from "../studies/mainTarget.js";
import type { LlmPreset, LlmPresetName } from "../studies/presets.js";
import { checkGroups } from "./checkGroups.js";
import { givenComparison } from "./comparisonOptions.js";
import { givenEvaluations } from "./evaluationOptions.js";
import { chosenExplainer, llmEvaluation } from "./explainerOptions.js";
import type { llmOptions } from "./llmOptions.js";
import type { Machine, machineOptions } from "./machineOptions.js";
import { mergeFields } from "./mergeFields.js";
import { chosenModel, chosenTexts, givenHarvest, modelFacts } from "./modelOptions.js";
import type { Values } from "./option.js";
import { plannedModel, plannedTexts } from "./plannedInputs.js";

type LlmValues = Values<ReturnType<typeof llmOptions<LlmPresetName>> & Pick<typeof machineOptions, "out">>;

/** The sites of a study, and what of their models and texts a dry run did not find on this machine. */
export interface ChosenSites {
  readonly sites: readonly LlmStudyOptions[];
  readonly missing: readonly string[];
}

/**
 * The study that the options ask for, site by site; opens models and texts to see what they are. A dry run fetches neither.
 *
 * @throws SaeError those of `loadModel`, `chosenTexts` and `chosenExplainer`, `unknown_hook`, `bad_option`
 */
export async function chosenLlmSites(values: LlmValues, preset: LlmPreset, machine: Machine): Promise<ChosenSites> {
  const choices = choicesOf(values, preset);
  const spec = values.text ?? preset.text;
  const texts = machine.dryRun ? await plannedTexts(spec, values) : await openTexts(spec, values);
  const models = new Map<string, LanguageModel>();
  const missing: string[] = [...texts.missing];
  const open = async (reference: string): Promise<LanguageModel> => {
    const known = models.get(reference);
    if (known) return known;
    const model = machine.dryRun
      ? await plannedModel(reference, values)
      : { found: await chosenModel(reference, values), missing: [] };
    models.set(reference, model.found);
    missing.push(...model.missing);
    return model.found;
  };
  try {
    const named = await namedSites(values, preset, open);
    const isOneModel = new Set(named.map(({ reference }) => reference)).size === 1;
    const sites = named.map(({ reference, model, hook }): LlmStudyOptions => {
      checkHookNames(model, [hook]);
      const own = atSite(values, preset, { reference, model, hook }, texts.found.identity);
      checkGroups(choices.study.variants, choices.study.variantOptions, own.recipe.dSae);
      return {
        ...choices.study,
        ...(named.length > 1 && { site: isOneModel ? hook : `${reference}, ${hook}` }),
        ...own,
        local: machine.local,
        localModel: { ...texts.found.local, ...modelFacts(reference, values), ...choices.localExplainer },
        ...(machine.dryRun && { isDryRun: true }),
      };
    });
    return { sites, missing };
  } finally {
    for (const model of models.values()) await model.close();
  }
}

/** Texts that a study runs on. */
async function openTexts(spec: LlmValues["text"], values: LlmValues) {
  const { source, local } = await chosenTexts(spec, values);
  return { found: { identity: source.identity, local }, missing: [] };
}

interface OpenSite {
  readonly reference: string;
  readonly model: LanguageModel;
  readonly hook: string;
}

/** Every model with every hook that was given; what was not is the preset's, or the stream after the middle block. */
async function namedSites(
  { model: given, hook: hooks }: Pick<LlmValues, "model" | "hook">,
  preset: LlmPreset,
  open: (reference: string) => Promise<LanguageModel>,
): Promise<OpenSite[]> {
  if (given === undefined && hooks === undefined && preset.sites !== undefined) {
    const sites: OpenSite[] = [];
    for (const { model, hook } of preset.sites) sites.push({ reference: model, model: await open(model), hook });
    return sites;
  }
  const ofPreset = new Set(preset.sites?.map(({ model }) => model) ?? ["embedded"]);
  const sites: OpenSite[] = [];
  for (const reference of given === undefined ? ofPreset : [given]) {
    const model = await open(reference);
    for (const hook of hooks ?? [middleHook(model)]) sites.push({ reference, model, hook });
  }
  return sites;
}

/** The stream after the middle block: of two the later, where more is known of an entity. */
const middleHook = ({ sizes }: LanguageModel): string => `blocks.${Math.floor(sizes.nLayers / 2)}.hook_resid_post`;

/** What depends on the model and the hook. */
function atSite(
  values: LlmValues,
  preset: LlmPreset,
  { reference, model, hook }: OpenSite,
  texts: LlmStudyOptions["harvest"]["texts"],
) {
  const { dModel, nCtx: longest } = model.sizes;
  const ctx = values.ctx ?? (preset.ctx === undefined ? undefined : Math.min(preset.ctx, longest));
  const harvest = givenHarvest({ ...values, ctx, maxNorm: values.maxNorm ?? preset.maxNorm }, model);
  const { nCtx } = harvest;
  const { latents } = preset;
  const { recipe } = givenComparison(values);
  return {
    model: reference,
    harvest: {
      model: model.identity,
      hook,
      texts,
      ...harvest,
      rows: values.tokens ?? preset.tokens,
      evaluationContexts: values.evaluationContexts ?? preset.evaluationContexts,
    },
    modelSizes: once(() => ({
      dVocab: model.sizes.dVocab,
      nLayers: model.sizes.nLayers,
      prefix: forwardCost(model, { hook, nCtx }),
      whole: forwardCost(model, { nCtx }),
    })),
    dModel,
    recipe: {
      dSae: "dSae" in latents ? latents.dSae : latents.expansion * dModel,
      ...preset.recipe,
      ...recipe,
    },
  };
}

/** What is the same at every site. */
function choicesOf(values: LlmValues, preset: LlmPreset) {
  const { recipe: _, ...comparison } = givenComparison({
    ...values,
    variants: values.variants ?? preset.variants,
    baselines: values.baselines ?? preset.baselines,
  });
  const { variants: names } = comparison;
  const targets = { variants: names, l0s: values.l0 ?? preset.l0s, l0sOf: values.l0 ? {} : preset.l0sOf };
  const main = mainTarget(targets);
  const chosen: readonly string[] = values.evals ?? usualEvaluations;
  const isAsked = chosen.includes(llmEvaluation);
  const explainer = chosenExplainer(values, { out: values.out ?? "runs", isAsked });
  const ids = [...chosen, ...(explainer && !isAsked ? [llmEvaluation] : [])];
  const isCompared = (name: string) => comparison.conditions.some(({ baseline }) => baseline.name === name);
  const study = {
    ...comparison,
    ...targets,
    heldOut: values.heldOut ?? preset.heldOut,
    seeds: values.seeds ?? preset.seeds,
    variantOptions: Object.fromEntries(
      names.map((name) => [name, { ...preset.variantOptions[name], ...comparison.variantOptions[name] }]),
    ),
    baselineOptions: mergeFields(
      Object.fromEntries(Object.entries(preset.baselineOptions ?? {}).filter(([name]) => isCompared(name))),
      comparison.baselineOptions,
    ) as typeof comparison.baselineOptions,
    rows: { ...preset.rows, ...comparison.rows },
    lazy: { variant: lazyVariant(names), l0: main, shares: preset.lazyShares },
    evaluations: givenEvaluations(
      values,
      ids.map((id) => ({
        id,
        ...ofPreset(preset.evaluations[id], { ...targets, areNamed: values.variants !== undefined }, main),
        // The paper explains latents at one target.
        ...(explainer &&
          id === llmEvaluation && {
            config: { ...preset.evaluations[id]?.config, explainer: explainer.config },
            l0s: [main],
          }),
      })),
    ),
  };
  return { study, localExplainer: explainer?.local };
}

const usualEvaluations = evaluations.filter(({ onRequest }) => !onRequest).map(({ id }) => id);

/**
 * A preset's choice, for a study whose architectures and targets may be others. Architectures that the user named are all evaluated; of targets those that
 * are there, or the main one.
 */
function ofPreset(
  { variants, l0s, isLean = false, ...choice }: Omit<EvaluationChoice, "id"> = {},
  there: { readonly variants: readonly string[]; readonly areNamed: boolean; readonly l0s: readonly number[] },
  main: number,
): Omit<EvaluationChoice, "id"> {
  const targets = l0s?.filter((l0) => there.l0s.includes(l0)) ?? [];
  return {
    ...choice,
    ...(variants && !there.areNamed && { variants }),
    ...(isLean && !there.areNamed && { isLean }),
    ...(l0s && { l0s: targets.length > 0 ? targets : [main] }),
  };
}

/** JumpReLU, as in the paper's figure 11, or the first architecture there is. */
const lazyVariant = (names: readonly string[]): string => (names.includes("jumprelu") ? "jumprelu" : names[0]);
