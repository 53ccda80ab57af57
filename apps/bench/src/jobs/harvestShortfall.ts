import { groupThousands } from "../figures/numberText.js";
import type { HarvestJobConfig, HarvestJobResult } from "./harvestJob.js";
import { allJobs, type Job } from "./job.js";

/** Says that texts gave fewer activations than were asked for; null where they gave all, or all that there are was asked for. */
export function harvestShortfall(
  { rows: wanted }: Pick<HarvestJobConfig, "rows">,
  { rows }: Pick<HarvestJobResult, "rows">,
): string | null {
  if (wanted === undefined || rows >= wanted) return null;
  return `the texts gave ${groupThousands(rows)} of ${groupThousands(wanted)} activations`;
}

/**
 * What stderr says of harvests that ended before they had what was asked for, with what to do.
 *
 * @param resultOf null for a job that is not done
 */
export function shortfallWarnings(jobs: readonly Job[], resultOf: (job: Job) => unknown): string[] {
  return allJobs(jobs).flatMap((item) => {
    const result = resultOf(item) as HarvestJobResult | null;
    if (item.kind !== "harvest" || result === null) return [];
    const shortfall = harvestShortfall(item.config as HarvestJobConfig, result);
    return shortfall === null ? [] : [`${item.title}: ${shortfall}; give more --text, or ask for fewer --tokens`];
  });
}
