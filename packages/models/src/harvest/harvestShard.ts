import type { Context } from "./contexts.js";
import { finiteNorm } from "./finiteNorm.js";
import type { HarvestCounts, HarvestState } from "./harvestManifest.js";
import { normFilter } from "./normFilter.js";
import { type Prefix, runContexts } from "./prefix.js";
import type { SelectedRows } from "./selectRows.js";
import { type HarvestRow, type ShardWriter, shardWriter } from "./shardWriter.js";
import { take } from "./take.js";

/** How shards are made. */
export interface ShardSettings {
  readonly dtype: "float16" | "float32";
  /** Contexts that run together. */
  readonly batch: number;
  /** Contexts of a shard, a multiple of `batch`. */
  readonly shardContexts: number;
  /** Infinity for all. */
  readonly maxRows: number;
  readonly maxNorm: number | null;
  readonly medianRows: number;
  readonly select: (context: Context) => SelectedRows;
}

/** A shard that is ready to be written. */
export interface MadeShard {
  readonly writer: ShardWriter;
  /** True when no shard follows. */
  readonly isLast: boolean;
  /** Where the harvest stands after it. */
  readonly progress: Pick<HarvestState, "next" | "counts" | "norms">;
}

const NO_LIMIT = { median: 0, limit: Number.POSITIVE_INFINITY };

/**
 * Runs the model over the contexts of one shard and keeps what shall be kept.
 *
 * @param stream the contexts from `before.next` on
 * @param report told the counts after every batch
 * @param what first words of error messages
 * @returns null when there are no more contexts
 * @throws SaeError `non_finite`, `float16_overflow`
 */
export async function harvestShard(
  prefix: Prefix,
  stream: AsyncIterator<Context>,
  before: HarvestState,
  { dtype, batch, shardContexts, maxRows, maxNorm, medianRows, select }: ShardSettings,
  report: (counts: HarvestCounts) => void,
  what: string,
): Promise<MadeShard | null> {
  const writer = shardWriter(what, dtype, prefix.dModel);
  const counts = { ...before.counts };
  const keep = (row: HarvestRow): void => {
    if (counts.rows === maxRows) {
      counts.unused++;
      return;
    }
    writer.addRow(row);
    counts.rows++;
  };
  const drop = (): void => {
    counts.outliers++;
  };
  const known = maxNorm === null ? NO_LIMIT : before.norms;
  const filter = normFilter(maxNorm ?? Number.POSITIVE_INFINITY, medianRows, known, keep, drop);

  let { next } = before;
  let isLast = false;
  let contexts = 0;
  while (!isLast && contexts < shardContexts && counts.rows < maxRows) {
    const together = await take(stream, batch);
    isLast = together.length < batch;
    if (together.length === 0) break;
    const rowOf = await runContexts(prefix, together);
    for (const [i, context] of together.entries()) {
      writer.addContext(context);
      const { positions, early, special } = select(context);
      for (const position of positions) {
        const values = rowOf(i, position);
        filter.add({ context, position, values }, finiteNorm(values, context, position, what));
      }
      counts.early += early;
      counts.special += special;
      counts.tokens += context.length;
      next = context.next;
    }
    contexts += together.length;
    counts.contexts += together.length;
    report(counts);
  }
  if (contexts === 0) return null;
  filter.settle();
  const norms = maxNorm === null ? null : filter.norms;
  return { writer, isLast: isLast || counts.rows === maxRows, progress: { next, counts, norms } };
}
