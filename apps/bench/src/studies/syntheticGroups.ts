import { findVariant } from "../jobs/findByName.js";
import type { TrainJobResult } from "../jobs/trainJob.js";
import type { Scored } from "./estimates.js";
import type { Results } from "./study.js";
import type { SettingName, SyntheticPlan } from "./syntheticPlan.js";

/** What is known of one architecture in one setting: the results of its seeds. */
export interface SyntheticGroup {
  readonly setting: SettingName;
  readonly variant: string;
  /** Name for tables. */
  readonly title: string;
  /** Finished seeds, in their order; may be empty. */
  readonly seeds: readonly number[];
  /** Their results and folders, in the same order. */
  readonly results: readonly TrainJobResult[];
  readonly folders: readonly string[];
}

/** Names of the settings for readers. */
export const settingTitle: Readonly<Record<SettingName, string>> = {
  constant: "Constant probability",
  variable: "Variable probability",
};

/** A group for every setting and architecture of the plan, in the order of the tables. */
export function groupsOf({ options, runs }: SyntheticPlan, results: Results): SyntheticGroup[] {
  return options.settings.flatMap((setting) =>
    options.variants.map((variant): SyntheticGroup => {
      const own = runs.filter((run) => run.setting === setting && run.variant === variant);
      const finished = own.flatMap(({ job, seed }) => {
        const result = results.of<TrainJobResult>(job);
        return result === null ? [] : [{ result, seed, folder: results.folder(job) }];
      });
      return {
        setting,
        variant,
        title: findVariant(variant).title,
        seeds: finished.map(({ seed }) => seed),
        results: finished.map(({ result }) => result),
        folders: finished.map(({ folder }) => folder),
      };
    }),
  );
}

/** The snapshot taken after `share` of the steps, or null. */
export const snapshotAt = ({ snapshots }: TrainJobResult, share: number, steps: number) =>
  snapshots.find(({ step }) => step === Math.max(1, Math.round(share * steps))) ?? null;

/** Explained variance under the rule for use, with its parts. */
export const varianceOf = ({ inference }: TrainJobResult): Scored => ({
  value: inference.explainedVariance,
  parts: inference.explainedVarianceParts,
});

/** Of at least one value. */
export const mean = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0) / values.length;
