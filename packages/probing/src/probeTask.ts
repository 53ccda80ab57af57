import type { PooledTexts } from "./poolTexts.js";
import { type CurveProbe, probeCurve, probeCurveFull, probeFull, probeTop, type TopProbe } from "./probes.js";
import type { LabelledRows, ProbingTask } from "./probingTask.js";
import type { SparseRows } from "./sparseRows.js";

/** Which probes are trained. */
export interface ProbeChoice {
  /** Numbers of latents of the probes of SAEBench. */
  readonly ks: readonly number[];
  /** Whether a probe on all latents is trained, too. */
  readonly full: boolean;
  /** Numbers of latents of the probes of SAE-Probes. */
  readonly curveKs: readonly number[];
  /** Whether a probe of SAE-Probes on all channels is trained: its baseline, of no use on latents. */
  readonly curveFull: boolean;
}

/** What the probes of one task score. */
export interface TaskResult {
  readonly id: string;
  readonly dataset: string;
  /** That of the task. */
  readonly question?: string;
  /** Texts that trained and tested them, half of them positives. */
  readonly texts: { readonly train: number; readonly test: number };
  /** Latents that are active on any training text; where there is none, a probe can only give a constant answer. */
  readonly activeLatents: number;
  /** By the number of latents. */
  readonly top: Readonly<Record<string, TopProbe>>;
  /** Accuracy with all latents; null when it was not asked for. */
  readonly full: number | null;
  /** By the number of latents. */
  readonly curve: Readonly<Record<string, CurveProbe>>;
  /** With all channels; null when it was not asked for. */
  readonly curveFull: CurveProbe | null;
}

/**
 * Trains and tests the probes of a task. Numbers of latents that the features do not have are left out, see `withoutTooLarge`.
 *
 * @param pooled - texts by the numbers that the task uses: means for the probes of SAEBench, last tokens for those of SAE-Probes
 * @throws SaeError those of the probes
 */
export function probeTask({ mean, last }: PooledTexts, task: ProbingTask, choice: ProbeChoice): TaskResult {
  const { ks, curveKs, full, curveFull } = withoutTooLarge(choice, mean.columns).choice;
  const byK = <T>(numbers: readonly number[], probe: (k: number) => T) =>
    Object.fromEntries(numbers.map((k) => [String(k), probe(k)]));
  return {
    id: task.id,
    dataset: task.dataset,
    ...(task.question !== undefined && { question: task.question }),
    texts: { train: task.train.rows.length, test: task.test.rows.length },
    activeLatents: activeLatents(mean, task.train),
    top: byK(ks, (k) => probeTop(mean, task, k)),
    full: full ? probeFull(mean, task) : null,
    curve: byK(curveKs, (k) => probeCurve(last, task, k)),
    curveFull: curveFull ? probeCurveFull(last, task) : null,
  };
}

function activeLatents({ starts, indices }: SparseRows, { rows }: LabelledRows): number {
  const active = new Set<number>();
  for (const row of rows) for (let at = starts[row]; at < starts[row + 1]; at++) active.add(indices[at]);
  return active.size;
}

/** The choice without probes on more latents than there are, and what to tell about those. */
export function withoutTooLarge(
  choice: ProbeChoice,
  latents: number,
): { readonly choice: ProbeChoice; readonly messages: readonly string[] } {
  const fits = (k: number) => k <= latents;
  const tooLarge = [...new Set([...choice.ks, ...choice.curveKs])].filter((k) => !fits(k)).sort((a, b) => a - b);
  return {
    choice: { ...choice, ks: choice.ks.filter(fits), curveKs: choice.curveKs.filter(fits) },
    messages: tooLarge.map(
      (k) => `probing with k = ${k} needs at least ${k} latents, there are ${latents}; it is left out`,
    ),
  };
}
