import { SaeError, type Value } from "@sae/core";

/** Vectors that stand at one position of each text, at the generator's `editHook`, in each step. */
export interface PositionEdits {
  /** For each text the position, counted from its first token. */
  readonly positions: ArrayLike<number>;
  /** [batch, dModel], row-major. */
  readonly x: Float32Array;
}

/** Texts that are being written. */
interface Writing {
  /** They grow between two steps, by what a step says. */
  readonly texts: readonly (readonly number[])[];
  /** Tokens that the longest of them can have at the end. */
  readonly longest: number;
  readonly edits: PositionEdits | undefined;
}

/**
 * One step: the tokens that each of these texts goes on with, one, and another for each token of its draft that is what the model says.
 *
 * @param rows numbers of the texts, each among those of the step before, in order
 * @param drafts what the texts may go on with
 */
type Step = (rows: readonly number[], drafts: readonly (readonly number[])[]) => Promise<number[][]>;

/** A way to run a model over texts that grow. */
export interface Passes {
  begin(writing: Writing): Step;
  dispose(): Promise<void>;
}

/**
 * The largest logit of each row of a matrix [rows, dVocab]; the first of equal ones. -Infinity is a token that is never said.
 *
 * @throws SaeError `non_finite` where NaN or Infinity leaves no most probable token
 */
function rowArgmax(data: Float32Array, rows: number): number[] {
  const n = data.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * n, (row + 1) * n);
    let best = 0;
    for (let i = 0; i < n; i++) {
      if (!(values[i] < Number.POSITIVE_INFINITY)) {
        throw new SaeError(
          "non_finite",
          `generate: needed finite logits, got ${values[i]} for token ${i}; look for NaN and overflow in weights, hooks and edits`,
        );
      }
      if (values[i] > values[best]) best = i;
    }
    return best;
  });
}

/** int64 [rows, columns]. */
export const int64Rows = (rows: readonly (readonly number[])[]): Value => ({
  data: BigInt64Array.from(rows.flat(), BigInt),
  shape: [rows.length, rows[0].length],
});

/**
 * Places of the tokens whose logits are wanted: each text's last token, and those of its draft; int64 [batch, asked].
 *
 * @param last place of each text's last token in what the model reads
 */
export function askedPlaces(last: readonly number[], drafts: readonly (readonly number[])[]): Value {
  const asked = 1 + Math.max(...drafts.map(({ length }) => length));
  return int64Rows(
    last.map((place, row) => Array.from({ length: asked }, (_, i) => place + Math.min(i, drafts[row].length))),
  );
}

/**
 * What the model says at those places, as far as the drafts agree with it.
 *
 * @param logits [batch, asked, dVocab]
 * @throws SaeError `non_finite`
 */
export function said(logits: Value, drafts: readonly (readonly number[])[]): number[][] {
  const asked = logits.shape[1];
  const best = rowArgmax(logits.data as Float32Array, drafts.length * asked);
  return drafts.map((draft, row) => {
    const own = best.slice(row * asked, (row + 1) * asked);
    const agreed = draft.findIndex((token, i) => token !== own[i]);
    return own.slice(0, 1 + (agreed === -1 ? draft.length : agreed));
  });
}

/** The vectors of some of the texts. */
export function vectorsOf({ x }: PositionEdits, rows: readonly number[], dModel: number): Value {
  const picked = new Float32Array(rows.length * dModel);
  rows.forEach((row, i) => {
    picked.set(x.subarray(row * dModel, (row + 1) * dModel), i * dModel);
  });
  return { data: picked, shape: [rows.length, 1, dModel] };
}
