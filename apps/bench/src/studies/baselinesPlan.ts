import type { DataConfig } from "../jobs/dataSource.js";
import { definedBy } from "../jobs/findByName.js";
import { type Job, job } from "../jobs/job.js";
import type { TrainConfig } from "../jobs/trainConfig.js";
import { trainJob } from "../jobs/trainJob.js";
import { checkTarget } from "./checkTarget.js";
import { type Condition, conditionOf } from "./conditions.js";

/** Every number of a comparison of architectures with their random baselines on one set of activations. */
export interface BaselinesOptions {
  /** The activations in the order of a seed. */
  readonly data: (seed: number) => DataConfig;
  readonly dModel: number;
  /** Rows of activations that there are, where they are on disk. */
  readonly dataRows?: number;
  /** The job that harvests the activations, when they are not there yet. */
  readonly activations?: Job;
  readonly variants: readonly string[];
  readonly conditions: readonly Condition[];
  readonly l0s: readonly number[];
  /** Targets of architectures that are not trained at all of them, by architecture. */
  readonly l0sOf?: Readonly<Record<string, readonly number[]>>;
  /** A seed names the initial draw and the order of the data, shared by all runs of that seed. */
  readonly seeds: readonly number[];
  /** Recipe but for the seed and the distribution of the draw; what is left out has the recipe's default. */
  readonly recipe: Readonly<Record<string, unknown>> & { readonly dSae: number; readonly steps: number };
  /** Options of architectures and of baselines, by their name. */
  readonly variantOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly baselineOptions?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly rows?: Pick<Partial<TrainConfig>, "evaluationRows" | "calibrationRows" | "snapshotRows">;
  /** Where one trained SAE is looked at on the way, and after which shares of its steps: lazy training. */
  readonly lazy?: LazyTraining;
  /** Name of the site in the titles of the jobs, where a study has several. */
  readonly site?: string;
  readonly local: Readonly<Record<string, string>>;
}

/** The SAE, of each seed, whose decoder is compared with its initial draw on the way. */
interface LazyTraining {
  readonly variant: string;
  readonly l0: number;
  readonly shares: readonly number[];
}

/** One SAE of the comparison. */
export interface BaselinesRun {
  readonly job: Job;
  readonly variant: string;
  readonly condition: Condition;
  readonly l0: number;
  readonly seed: number;
}

/** The jobs of the comparison. */
export interface BaselinesPlan {
  readonly options: BaselinesOptions;
  readonly runs: readonly BaselinesRun[];
  /** What could not be planned, in words for the report. */
  readonly omitted: readonly string[];
}

/**
 * Plans an SAE for every architecture, condition, target L0 and seed. The fully trained one is always among them.
 *
 * @throws SaeError `bad_option`
 */
export function planBaselines(options: BaselinesOptions): BaselinesPlan {
  const { variants, l0s, l0sOf = {}, seeds, recipe } = options;
  const others = options.conditions.filter(({ role }) => role !== "trained");
  const omitted: string[] = [];
  for (const l0 of l0s) checkTarget(variants, l0, recipe.dSae);
  const hasTarget = (variant: string, l0: number) => (l0sOf[variant] ?? l0s).includes(l0);
  const runs = l0s.flatMap((l0) =>
    variants.flatMap((variant) => {
      if (!hasTarget(variant, l0)) return [];
      const fitting = others.filter((condition) => {
        const width = widthOf(condition, options);
        if (l0 <= width) return true;
        omitted.push(`${condition.title} at L0 ${l0} (it has ${width} latents only)`);
        return false;
      });
      return seeds.flatMap((seed) => {
        const trained = planRun(options, variant, conditionOf("trained"), l0, seed);
        return [trained, ...fitting.map((condition) => planRun(options, variant, condition, l0, seed, trained.job))];
      });
    }),
  );
  return { options, runs, omitted: [...new Set(omitted)] };
}

function planRun(
  options: BaselinesOptions,
  variant: string,
  condition: Condition,
  l0: number,
  seed: number,
  trained?: Job,
): BaselinesRun {
  const {
    recipe,
    variantOptions = {},
    baselineOptions = {},
    rows,
    local,
    data,
    seeds,
    l0s,
    lazy,
    activations,
    site,
  } = options;
  const { baseline, init, title, role } = condition;
  const isLazy = role === "trained" && lazy?.variant === variant && lazy.l0 === l0;
  const config = {
    data: data(seed),
    variant,
    variantConfig: { l0, ...variantOptions[variant] },
    baseline: baseline.name,
    baselineConfig: { ...baselineOptions[baseline.name] },
    ...definedBy(variant, baseline.name),
    // Where nothing is learned, no step is made.
    recipe: { ...recipe, seed, init, ...(baseline.frozen === "all" && { steps: 0 }) },
    ...rows,
    ...(isLazy && { snapshots: [...lazy.shares] }),
  };
  const parts = [
    site === undefined ? "" : `${site}:`,
    variant,
    title.toLowerCase(),
    l0s.length > 1 ? `L0 ${l0}` : "",
    seeds.length > 1 ? `seed ${seed}` : "",
  ].filter((part) => part !== "");
  const needs = { trained: baseline.needs === "trained" ? trained : undefined, activations };
  const { dModel, dataRows } = options;
  const sizes = () => ({ dModel, ...(dataRows !== undefined && { rows: dataRows }) });
  return { job: job(trainJob, config, { title: parts.join(" "), needs, local, sizes }), variant, condition, l0, seed };
}

const widthOf = ({ baseline }: Condition, { dModel, recipe, baselineOptions = {} }: BaselinesOptions): number => {
  const config = baseline.config.parse({ ...baselineOptions[baseline.name] });
  return baseline.width?.({ dModel, dSae: recipe.dSae }, config) ?? recipe.dSae;
};
