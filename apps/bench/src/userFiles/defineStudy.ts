import type { AnySae, RecipeInput } from "@sae/autoencoders";
import type { AnyBaseline } from "@sae/baselines";
import type { z } from "zod";
import type { autointerpConfig } from "../evaluations/autointerp/autointerpConfig.js";
import type { explainers } from "../evaluations/autointerp/explainers.js";
import type { probingOptions } from "../evaluations/probing.js";
import type { ravelConfig } from "../evaluations/ravel/ravelConfig.js";
import type { llmOptions } from "../options/llmOptions.js";
import type { machineOptions } from "../options/machineOptions.js";
import type { Option } from "../options/option.js";
import type { LlmPresetName } from "../studies/presets.js";

type CommandOptions = ReturnType<typeof llmOptions<LlmPresetName>> & typeof machineOptions;

/** What is written for an option whose text becomes a value of this type. */
type Written<Value> = Value extends true ? boolean : Value;

/** The options that have a name in the program: those of schemas are below. */
type NamedOptions = {
  readonly [Name in keyof CommandOptions as string extends Name ? never : Name]?: CommandOptions[Name] extends Option<
    infer Value
  >
    ? Written<Value>
    : never;
};

/** The SAEs that an evaluation is made on: targets and architectures, of those of the study. */
interface WhichSaes {
  readonly l0?: readonly number[];
  readonly variants?: readonly string[];
}

type Autointerp = WhichSaes & z.input<typeof autointerpConfig>;

/** Options of evaluations by the names of these; what is left out has its default, or the preset's. */
export interface EvaluationConfigs {
  readonly splice?: WhichSaes;
  readonly autointerp?: Autointerp & { readonly explainer?: z.input<typeof explainers.ngram.config> };
  readonly "autointerp-llm"?: Autointerp;
  readonly probing?: WhichSaes & z.input<typeof probingOptions>;
  readonly ravel?: WhichSaes & z.input<typeof ravelConfig>;
}

/**
 * A study in language models: what the options of `sae-bench llm` say, under their names in camelCase. Paths are relative to the current folder, as on
 * the command line, whose options win.
 */
export interface StudyConfig
  extends Omit<NamedOptions, "variants" | "baselines" | "config" | "explainerPrices" | "device">,
    Omit<Partial<RecipeInput>, "seed" | "init"> {
  /** Architectures by name, or made by `defineSae`; all when left out. */
  readonly variants?: readonly (string | AnySae)[];
  /** Conditions by name (`frozen_decoder`, `frozen_decoder:cov`), or baselines made by `defineBaseline`; all when left out. */
  readonly baselines?: readonly (string | AnyBaseline)[];
  readonly evaluations?: EvaluationConfigs;
  /** Options that only some architectures or baselines have: `{ bandwidth: 0.01, tau: 0.9 }`. */
  readonly options?: Readonly<Record<string, number | boolean | string | readonly number[]>>;
  /** Prices for a million tokens of questions and of answers. */
  readonly explainerPrices?: readonly [number, number];
  /** What a dry run estimates for. */
  readonly device?: string;
  /** Name of the report. */
  readonly name?: string;
}

/**
 * Checks the types of a study for `sae-bench llm --config FILE`, and returns it.
 *
 * @example
 * export default defineStudy({ variants: ["batchtopk"], l0: [16, 32], evaluations: { probing: { train: 500 } } });
 */
export const defineStudy = (study: StudyConfig): StudyConfig => study;
