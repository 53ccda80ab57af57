import { SaeError, type Value } from "@sae/core";

/** Texts as token ids. */
export type Texts = readonly ArrayLike<number>[];

/** Texts side by side, the shorter ones padded on the right. */
export interface TokenBatch {
  /** int64 [batch, seq], seq the length of the longest text. */
  readonly tokens: Value;
  /** bool [batch, seq]: which positions are text and not padding. */
  readonly keep: Value;
  readonly lengths: readonly number[];
}

/**
 * Lays texts side by side. Padding on the right changes nothing at the positions before it, because no position sees a later one; results at
 * the padding itself mean nothing, and `keep` tells them apart.
 *
 * @throws SaeError `bad_token` for ids that are no token, `too_long` for texts longer than the model was made for
 */
export function tokenBatch(
  texts: Texts,
  { dVocab, nCtx }: { readonly dVocab: number; readonly nCtx: number },
): TokenBatch {
  const lengths = texts.map((text) => text.length);
  const seq = Math.max(0, ...lengths);
  if (seq > nCtx) {
    throw new SaeError("too_long", `tokenBatch: needed texts of at most ${nCtx} tokens, got one of ${seq}; cut it`);
  }
  const tokens = new BigInt64Array(texts.length * seq);
  const keep = new Uint8Array(texts.length * seq);
  texts.forEach((text, row) => {
    for (let i = 0; i < text.length; i++) {
      const id = text[i];
      if (!Number.isInteger(id) || id < 0 || id >= dVocab) {
        throw new SaeError(
          "bad_token",
          `tokenBatch: needed token ids from 0 to ${dVocab - 1}, got ${id} at place ${i} of text ${row}; is this the model's own tokenizer?`,
        );
      }
      tokens[row * seq + i] = BigInt(id);
      keep[row * seq + i] = 1;
    }
  });
  const shape = [texts.length, seq];
  return { tokens: { data: tokens, shape }, keep: { data: keep, shape }, lengths };
}
