import { fold, key, keyedPermutation, SaeError } from "@sae/core";
import type { Context, ContextSource, StreamPosition } from "./contexts.js";
import { finiteNorm } from "./finiteNorm.js";
import type { BatchSource } from "./harvestSource.js";
import { lastAtMost } from "./lastAtMost.js";
import { type Prefix, runContexts } from "./prefix.js";
import { type RowSelection, rowSelector } from "./selectRows.js";
import { take } from "./take.js";

/** How activations are taken from the model while something trains on them. */
export interface StreamingOptions extends RowSelection {
  readonly prefix: Prefix;
  readonly contexts: ContextSource;
  /** Names the order of the rows. Default 0. */
  readonly seed?: number;
  /** Contexts that the model reads at once. Default 8. */
  readonly batch?: number;
  /** Contexts whose rows are in memory and shuffled together. Default 256. */
  readonly blockContexts?: number;
  /** Contexts at the start of the texts that training never sees. Default 32. */
  readonly heldOutContexts?: number;
}

/** Batches of activations that are never stored. */
export interface StreamingSource extends BatchSource {
  /** Closes the texts. The model's program is its owner's to dispose of. */
  close(): Promise<void>;
}

const what = "activations from the model";

/**
 * Batches of activations straight from the model. After the held-out contexts the stream is cut into blocks of contexts; the rows of a block come in
 * an order that depends on the seed, the pass over the texts and the number of the block only. So a step has the same batch wherever training is
 * resumed: what comes before its block is read again, but the model does not run on it.
 *
 * @throws SaeError `bad_option`; while batches are read `too_few_rows`, `non_finite`, and those of the texts and the model
 */
export async function streamingSource(options: StreamingOptions): Promise<StreamingSource> {
  const { prefix, contexts, seed = 0, batch = 8, blockContexts = 256, heldOutContexts = 32 } = options;
  const { skipBos = true, skipTokens = [], skipPositions = 0 } = options;
  for (const [name, value, least] of [
    ["batch", batch, 1],
    ["blockContexts", blockContexts, 1],
    ["heldOutContexts", heldOutContexts, 0],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < least) {
      throw new SaeError("bad_option", `${what}: needed ${name} of at least ${least}, got ${value}`);
    }
  }
  const { dModel } = prefix;
  const select = rowSelector(contexts.starts, options);
  const countRows = (list: readonly Context[]) => list.reduce((sum, one) => sum + select(one).positions.length, 0);
  const root = fold(key(seed), "stream");

  const opening = contexts.from()[Symbol.asyncIterator]();
  const heldOut = await take(opening, heldOutContexts);
  await opening.return?.();
  const heldOutCount = countRows(heldOut);
  const heldOutOrder = keyedPermutation(fold(root, "held out"), heldOutCount);
  let heldOutRows: Promise<Float32Array> | undefined;

  const start = heldOut.at(-1)?.next ?? { context: 0, document: 0, token: 0 };
  const blocks = blockReader(contexts, start, blockContexts, countRows);
  let current: { block: number; rows: Float32Array } | undefined;

  const runBlock = async (block: number): Promise<Float32Array> => {
    if (current?.block !== block)
      current = { block, rows: await runAll(prefix, await blocks.read(block), batch, select) };
    return current.rows;
  };

  const fill = async (first: number, out: Float32Array): Promise<void> => {
    const count = out.length / dModel;
    for (let done = 0; done < count; ) {
      const { pass, block, offset, size } = await blocks.locate(first + done);
      const rows = await runBlock(block); // [size, dModel]
      const order = keyedPermutation(fold(root, pass, block), size);
      for (let i = offset; i < size && done < count; i++, done++) {
        const row = order(i);
        out.set(rows.subarray(row * dModel, (row + 1) * dModel), done * dModel);
      }
    }
  };

  let queue: Promise<void> = Promise.resolve(); // one at a time: they share the reader
  const inTurn = (work: () => Promise<void>): Promise<void> => {
    const turn = queue.then(work);
    queue = turn.catch(() => {});
    return turn;
  };
  return {
    dModel,
    identity: {
      kind: "stream",
      prefix: prefix.identity,
      contexts: contexts.identity,
      ...{ seed, batch, blockContexts, heldOutContexts, skipBos, skipTokens, skipPositions },
    },
    trainBatch: (step, out) => inTurn(() => fill((step * out.length) / dModel, out)),
    heldOutBatch: (index, out) =>
      inTurn(async () => {
        const count = out.length / dModel;
        if ((index + 1) * count > heldOutCount) {
          throw new SaeError(
            "too_few_rows",
            `${what}: needed ${(index + 1) * count} held-out rows, got ${heldOutCount}; raise heldOutContexts`,
          );
        }
        heldOutRows ??= runAll(prefix, heldOut, batch, select);
        const rows = await heldOutRows; // [heldOutCount, dModel]
        for (let i = 0; i < count; i++) {
          const row = heldOutOrder(index * count + i);
          out.set(rows.subarray(row * dModel, (row + 1) * dModel), i * dModel);
        }
      }),
    heldOutBatches: (size) => Math.floor(heldOutCount / size),
    close: () => inTurn(blocks.close),
  };
}

/** Rows of contexts, in order: [rows, dModel]. */
async function runAll(
  prefix: Prefix,
  contexts: readonly Context[],
  batch: number,
  select: ReturnType<typeof rowSelector>,
): Promise<Float32Array> {
  const { dModel } = prefix;
  const selected = contexts.map((context) => select(context).positions);
  const rows = new Float32Array(selected.reduce((sum, positions) => sum + positions.length, 0) * dModel);
  let at = 0;
  for (let first = 0; first < contexts.length; first += batch) {
    const together = contexts.slice(first, first + batch);
    const rowOf = await runContexts(prefix, together);
    for (const [i, context] of together.entries()) {
      for (const position of selected[first + i]) {
        const values = rowOf(i, position);
        finiteNorm(values, context, position, what);
        rows.set(values, at);
        at += dModel;
      }
    }
  }
  return rows;
}

/** A row of the endless stream. */
interface RowPlace {
  /** How many times the texts were read to their end before it. */
  readonly pass: number;
  readonly block: number;
  /** Its number in the block, and the rows of the block. */
  readonly offset: number;
  readonly size: number;
}

/** Finds and reads blocks of contexts; where each begins is known once the one before was read. */
function blockReader(
  contexts: ContextSource,
  start: StreamPosition,
  blockContexts: number,
  countRows: (contexts: readonly Context[]) => number,
) {
  const positions = [start]; // of the blocks that are known, and of the next one
  const rowStarts = [0];
  let isComplete = false; // all blocks of a pass are known
  let stream: AsyncIterator<Context> | undefined;
  let upcoming = 0; // the block that the stream gives next
  let last: { block: number; contexts: readonly Context[] } | undefined;

  const close = async (): Promise<void> => {
    await stream?.return?.();
    stream = undefined;
    last = undefined;
  };

  const read = async (block: number): Promise<readonly Context[]> => {
    if (last?.block === block) return last.contexts;
    if (stream === undefined || upcoming > block) {
      await close();
      upcoming = Math.min(block, positions.length - 1);
      stream = contexts.from(positions[upcoming])[Symbol.asyncIterator]();
    }
    for (; ; upcoming++) {
      const list = await take(stream, blockContexts);
      if (upcoming === positions.length - 1 && !isComplete) {
        isComplete = list.length < blockContexts;
        if (list.length > 0) {
          positions.push(list[list.length - 1].next);
          rowStarts.push(rowStarts[upcoming] + countRows(list));
        }
      }
      if (upcoming < block && list.length > 0) continue;
      last = { block: upcoming++, contexts: list };
      return list;
    }
  };

  const locate = async (row: number): Promise<RowPlace> => {
    while (!isComplete && row >= rowStarts[rowStarts.length - 1]) await read(rowStarts.length - 1);
    const total = rowStarts[rowStarts.length - 1];
    if (total === 0) {
      throw new SaeError(
        "too_few_rows",
        `${what}: needed texts beyond the held-out contexts, got none; give more texts`,
      );
    }
    const inPass = row % total;
    const block = lastAtMost(rowStarts, inPass);
    const size = rowStarts[block + 1] - rowStarts[block];
    return { pass: Math.floor(row / total), block, offset: inPass - rowStarts[block], size };
  };
  return { read, locate, close };
}
