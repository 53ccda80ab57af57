/** A job as far as time is concerned. */
export interface Work {
  readonly kind: string;
  /** What its cost says it takes on a common machine; null where that is not known. */
  readonly seconds: number | null;
}

/** Work that was done here, and how long that took. */
export interface MeasuredWork extends Work {
  /** Share of the job that is done, in [0, 1]. */
  readonly share: number;
  readonly ms: number;
}

/** Work that is left. */
export interface WorkLeft extends Work {
  /** Share of the job that is left, in [0, 1]. */
  readonly share: number;
}

/** Milliseconds of a unit of work; null where none was done. */
function pace(done: readonly MeasuredWork[], unitsOf: (work: Work) => number): number | null {
  const units = done.reduce((sum, work) => sum + work.share * unitsOf(work), 0);
  return units > 0 ? done.reduce((sum, { ms }) => sum + ms, 0) / units : null;
}

const asJob = () => 1;
const asCost = ({ seconds }: Work) => seconds ?? 0;
const hasCost = ({ seconds }: Work) => seconds !== null;

/** Milliseconds of a whole job: its cost at the pace of its kind, or else of all that have a cost; without one as long as others of its kind, or as all jobs. */
function timeOf(work: Work, done: readonly MeasuredWork[]): number | null {
  const own = done.filter(({ kind }) => kind === work.kind);
  if (work.seconds !== null) {
    const paceOfCosts = pace(own.filter(hasCost), asCost) ?? pace(done.filter(hasCost), asCost);
    if (paceOfCosts !== null) return work.seconds * paceOfCosts;
  }
  return pace(own, asJob) ?? pace(done, asJob);
}

/**
 * Milliseconds until all work is done.
 *
 * @param done what was done here, jobs on their way included
 * @param width jobs that run at once
 * @returns null while nothing was measured
 */
export function timeLeft(done: readonly MeasuredWork[], left: readonly WorkLeft[], width: number): number | null {
  let total = 0;
  for (const work of left) {
    const ms = timeOf(work, done);
    if (ms === null) return null;
    total += work.share * ms;
  }
  return total / Math.max(1, width);
}
