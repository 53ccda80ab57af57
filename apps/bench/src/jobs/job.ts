import { createHash } from "node:crypto";
import type { z } from "zod";
import type { Cost } from "../costs/cost.js";

/** Progress of a job, as it crosses the process boundary. */
export interface JobProgress {
  /** Share done, in [0, 1]. */
  readonly done: number;
  /** One line: what the numbers are now. */
  readonly text: string;
  readonly msLeft?: number;
}

/** What a job sees besides its config. None of it may change the result. */
export interface JobContext {
  /** Folder of the job's own: what is in it after a crash is there again. */
  readonly folder: string;
  /** Folders of the jobs that this one needs, by the part they play. */
  readonly needs: Readonly<Record<string, string>>;
  /** Facts of this machine: where a file lies, which provider to use. */
  readonly local: Readonly<Record<string, string>>;
  report(progress: JobProgress): void;
}

/**
 * A kind of job: a pure function of its config (and of the results it needs). Its result is the object it returns. `Sizes` are what its cost depends on
 * besides the config, which names models and data by their content only.
 */
// biome-ignore lint/suspicious/noExplicitAny: a list of kinds holds jobs of different sizes
export interface JobKind<Schema extends z.ZodType = z.ZodType, Sizes = any> {
  readonly kind: string;
  /** Raise it when the same config shall give another result: old results are then not reused. */
  readonly version: number;
  readonly config: Schema;
  run(config: z.infer<Schema>, context: JobContext): Promise<unknown>;
  /** What running it takes, null where that is not known before; see docs/costs.md. */
  cost?(config: z.infer<Schema>, sizes: Sizes): Cost | null;
}

export const defineJob = <Schema extends z.ZodType, Sizes = unknown>(
  kind: JobKind<Schema, Sizes>,
): JobKind<Schema, Sizes> => kind;

/** One job of a study. */
export interface Job {
  readonly kind: string;
  readonly version: number;
  /** JSON: everything that the result depends on. */
  readonly config: unknown;
  /** The jobs whose results it reads, by the part they play: the trained SAE, the activations. */
  readonly needs: Readonly<Record<string, Job>>;
  readonly local: Readonly<Record<string, string>>;
  /** For people. */
  readonly title: string;
  /** What running it takes; null where nobody said how large its inputs are. */
  readonly cost?: () => Cost | null;
}

/**
 * Builds a job of a kind; the config is checked and completed with its defaults.
 *
 * @param options.sizes for its cost; asked for when somebody wants to know that
 */
export function job<Schema extends z.ZodType, Sizes>(
  kind: JobKind<Schema, Sizes>,
  config: z.input<Schema>,
  options: {
    title: string;
    needs?: Readonly<Record<string, Job | undefined>>;
    local?: Readonly<Record<string, string>>;
    sizes?: () => Sizes;
  },
): Job {
  const parsed = kind.config.parse(config);
  const needs = Object.fromEntries(
    Object.entries(options.needs ?? {}).flatMap(([part, need]) => (need ? [[part, need]] : [])),
  );
  return {
    kind: kind.kind,
    version: kind.version,
    config: parsed,
    needs,
    // Who reads an SAE of the user's architecture needs the file that defines it, as its training did.
    local: Object.assign({}, ...Object.values(needs).map(({ local }) => local), options.local),
    title: options.title,
    cost: () => (options.sizes && kind.cost ? kind.cost(parsed, options.sizes()) : null),
  };
}

/** Name of the job's folder: its kind and a hash of all that its result depends on. */
export function jobId({ kind, version, config, needs }: Job): string {
  const text = JSON.stringify(canonical({ kind, version, config, needs: neededJobs({ needs }).map(jobId) }));
  return `${kind}-${createHash("sha256").update(text).digest("hex").slice(0, 16)}`;
}

/** The same value with the keys of all objects in order, so that equal configs have equal text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, canonical(item)]));
}

/** The jobs that a job needs, in the order in which they were named. */
export const neededJobs = ({ needs }: Pick<Job, "needs">): Job[] => Object.values(needs);

/** The jobs and all that they need, each once, needs first. */
export function allJobs(jobs: readonly Job[]): Job[] {
  const found = new Map<string, Job>();
  const visit = (item: Job): void => {
    if (found.has(jobId(item))) return;
    neededJobs(item).forEach(visit);
    found.set(jobId(item), item);
  };
  jobs.forEach(visit);
  return [...found.values()];
}
