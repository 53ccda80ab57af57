import type { DataConfig } from "../jobs/dataSource.js";
import { definedBy } from "../jobs/findByName.js";
import { type Job, job } from "../jobs/job.js";
import { randomDictionaryJob } from "../jobs/randomDictionaryJob.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import { trainJob } from "../jobs/trainJob.js";

/** The two ways in which features are active. */
export const settingNames = ["constant", "variable"] as const;
export type SettingName = (typeof settingNames)[number];

/** Every number of case study 1. */
export interface SyntheticOptions {
  readonly n: number;
  readonly features: number;
  readonly settings: readonly SettingName[];
  /** Activation probability of every feature in the constant setting. */
  readonly p: number;
  /** Decimal logarithms of the ends of the probabilities in the variable setting. */
  readonly logMin: number;
  readonly logMax: number;
  /** Log-normal magnitudes: exp(mu + sigma z); a variance is the other reading of "log-normal(0, 0.25)". */
  readonly magnitude:
    | { readonly mu: number; readonly sigma: number }
    | { readonly mu: number; readonly variance: number };
  readonly variants: readonly string[];
  readonly l0: number;
  /** A seed names the true features, the samples and the initial draw. */
  readonly seeds: readonly number[];
  /** Recipe but for the seed; what is left out has the recipe's default. */
  readonly recipe: Readonly<Record<string, unknown>> & { readonly dSae: number; readonly steps: number };
  /** Options of architectures, by their name. */
  readonly variantOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Shares of the steps at which recovery and drift are measured on the way. */
  readonly snapshots: readonly number[];
  readonly rows?: Pick<Partial<TrainConfig>, "evaluationRows" | "snapshotRows" | "calibrationRows">;
  /** Random dictionaries that give the floor of the recovery numbers, and of its matching. */
  readonly floor: { readonly draws: number; readonly matchings: number };
  /** Facts of this machine for the jobs. */
  readonly local: Readonly<Record<string, string>>;
}

/** One SAE of case study 1. */
interface SyntheticRun {
  readonly job: Job;
  readonly setting: SettingName;
  readonly variant: string;
  readonly seed: number;
}

/** The jobs of case study 1. */
export interface SyntheticPlan {
  readonly options: SyntheticOptions;
  readonly runs: readonly SyntheticRun[];
  /** Random dictionaries, one job for each seed. */
  readonly floors: readonly { readonly seed: number; readonly job: Job }[];
}

/** The activations of a setting. */
export function syntheticData(options: SyntheticOptions, setting: SettingName, seed: number): DataConfig {
  const { n, features, p, logMin, logMax, magnitude } = options;
  return {
    kind: "synthetic",
    seed,
    dModel: n,
    features,
    probability: setting === "constant" ? { kind: "constant", p } : { kind: "log_uniform", logMin, logMax },
    magnitude,
  };
}

/** Plans an SAE for every setting, architecture and seed. */
export function planSynthetic(options: SyntheticOptions): SyntheticPlan {
  const { settings, variants, seeds, recipe, l0, snapshots, rows, variantOptions = {}, local, floor } = options;
  const runs = settings.flatMap((setting) =>
    variants.flatMap((variant) =>
      seeds.map((seed): SyntheticRun => {
        const config = {
          data: syntheticData(options, setting, seed),
          variant,
          variantConfig: { l0, ...variantOptions[variant] },
          ...definedBy(variant, "trained"),
          recipe: { ...recipe, seed },
          snapshots: [...snapshots],
          ...rows,
        };
        const title = `${variant} ${setting}${seeds.length > 1 ? ` seed ${seed}` : ""}`;
        return {
          job: job(trainJob, config, { title, local, sizes: () => ({ dModel: options.n }) }),
          setting,
          variant,
          seed,
        };
      }),
    ),
  );
  const floors = seeds.map((seed) => {
    const config = { seed, dModel: options.n, features: options.features, dSae: recipe.dSae, ...floor };
    return {
      seed,
      job: job(randomDictionaryJob, config, { title: `random dictionaries seed ${seed}`, sizes: () => null }),
    };
  });
  return { options, runs, floors };
}

/** All jobs of the plan, in the order of the tables. */
export const syntheticJobs = ({ runs, floors }: SyntheticPlan): Job[] => [
  ...runs.map(({ job }) => job),
  ...floors.map(({ job }) => job),
];
