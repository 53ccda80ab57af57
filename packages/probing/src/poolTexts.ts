/*
 * From the activations of tokens to one vector a text.
 *
 *   activations [tokens, dModel]: rows of all texts     codes [tokens, columns]     pooled [texts, columns], sparse
 *
 * Every token is encoded, then the codes of a text are averaged; its special tokens and padding have no row in the activations, so the number of rows
 * is the number of tokens that count. (SAEBench divides by the number of positions whose activation does not sum to 0, which comes to the same unless
 * an activation happens to do so.)
 */
import { SaeError } from "@sae/core";
import { buildSparseRows, type SparseRows } from "./sparseRows.js";
import type { TokenEncoder } from "./tokenEncoder.js";

/** Activations that can be read in pieces, such as `openActivations` of @sae/core gives. */
export interface TokenActivations {
  readonly dModel: number;
  /** Copies the rows `start` to `start + count − 1` to `out` [count, dModel]. */
  readRange(start: number, count: number, out: Float32Array): Promise<void>;
}

/** Rows of a text: from `start` to `end − 1`. */
export interface TextRows {
  readonly start: number;
  readonly end: number;
}

/** Texts as vectors, in the order in which they were asked for. */
export interface PooledTexts {
  /** Mean over the tokens, in double precision. */
  readonly mean: SparseRows;
  /** The last token alone. */
  readonly last: SparseRows;
}

/**
 * Encodes the tokens of texts and pools them, in a stream: at any time one batch of activations, the codes of one batch and one dense text are in
 * memory besides the result, which holds the non-zero entries only. Which texts share a batch does not change the sums: those of a text are added in
 * the order of its tokens.
 *
 * @throws SaeError `nothing_measured` for a text without tokens, and those of reading and encoding
 */
export async function poolTexts(
  activations: TokenActivations,
  texts: readonly TextRows[],
  encoder: TokenEncoder,
): Promise<PooledTexts> {
  const { dModel } = activations;
  const { batch, columns } = encoder;
  const empty = texts.findIndex(({ start, end }) => end <= start);
  if (empty >= 0) throw new SaeError("nothing_measured", `poolTexts: needed at least one token in text ${empty}`);
  const mean = buildSparseRows(columns);
  const last = buildSparseRows(columns);
  const text = textSums(columns);
  const x = new Float32Array(batch * dModel);

  let next = { text: 0, token: 0 }; // the first token that is not in a batch yet
  let current = { text: 0, left: texts.length > 0 ? texts[0].end - texts[0].start : 0 }; // of the text that is being summed
  const finish = (): void => {
    const { start, end } = texts[current.text];
    text.finish(end - start, mean, last);
    const following = texts[current.text + 1];
    current = { text: current.text + 1, left: following ? following.end - following.start : 0 };
  };
  while (next.text < texts.length) {
    let filled = 0;
    while (filled < batch && next.text < texts.length) {
      // Texts that follow each other in the file are read at once.
      const start = texts[next.text].start + next.token;
      let count = 0;
      do {
        const here = texts[next.text];
        const some = Math.min(here.end - here.start - next.token, batch - filled - count);
        count += some;
        next = { text: next.text, token: next.token + some };
        if (here.start + next.token === here.end) next = { text: next.text + 1, token: 0 };
      } while (filled + count < batch && texts[next.text]?.start + next.token === start + count);
      await activations.readRange(start, count, x.subarray(filled * dModel, (filled + count) * dModel));
      filled += count;
    }
    x.fill(0, filled * dModel);
    const codes = await encoder.encode(x);
    let at = 0;
    for (let token = 0; token < filled; token++) {
      current.left--;
      for (; at < codes.values.length && codes.rows[at] === token; at++) {
        const value = codes.values[at];
        if (value !== 0) text.add(codes.latents[at], value, current.left === 0);
      }
      if (current.left === 0) finish();
    }
  }
  return { mean: mean.read(), last: last.read() };
}

/** Sums of one text: dense, with a list of the latents that were active. */
function textSums(columns: number) {
  const sums = new Float64Array(columns);
  const isActive = new Uint8Array(columns);
  let active: number[] = [];
  let lastToken: [number, number][] = [];
  return {
    add: (column: number, value: number, isLast: boolean): void => {
      if (isActive[column] === 0) {
        isActive[column] = 1;
        active.push(column);
      }
      sums[column] += value;
      if (isLast) lastToken.push([column, value]);
    },
    finish: (tokens: number, mean: ReturnType<typeof buildSparseRows>, last: typeof mean): void => {
      const order = Uint32Array.from(active).sort();
      mean.addRow(
        order,
        Float64Array.from(order, (column) => sums[column] / tokens),
      );
      lastToken.sort(([a], [b]) => a - b);
      last.addRow(
        lastToken.map(([column]) => column),
        lastToken.map(([, value]) => value),
      );
      for (const column of active) {
        sums[column] = 0;
        isActive[column] = 0;
      }
      active = [];
      lastToken = [];
    },
  };
}
