import { SaeError, type Value } from "@sae/core";

/** Texts as token ids. */
export type Texts = readonly ArrayLike<number>[];

/** What a model can read. */
export interface TextLimits {
  readonly dVocab: number;
  readonly nCtx: number;
}

/** Texts side by side, the shorter ones padded on the right. */
export interface TokenBatch {
  /** int64 [batch, seq], seq the length of the longest text. */
  readonly tokens: Value;
  /** bool [batch, seq]: which positions are text and not padding. */
  readonly keep: Value;
  readonly lengths: readonly number[];
}

/**
 * Checks that all ids are tokens of a model.
 *
 * @param where what the message begins with
 * @throws SaeError `bad_token`
 */
export function checkTokens(where: string, texts: Texts, dVocab: number): void {
  texts.forEach((text, row) => {
    for (let i = 0; i < text.length; i++) {
      const id = text[i];
      if (Number.isInteger(id) && id >= 0 && id < dVocab) continue;
      throw new SaeError(
        "bad_token",
        `${where}: needed token ids from 0 to ${dVocab - 1}, got ${id} at place ${i} of text ${row}; is this the model's own tokenizer?`,
      );
    }
  });
}

/**
 * Checks that a model can read texts.
 *
 * @param where what the message begins with
 * @throws SaeError `bad_token` for ids that are no token, `too_long` for texts longer than the model was made for
 */
export function checkTexts(where: string, texts: Texts, { dVocab, nCtx }: TextLimits): void {
  const longest = Math.max(0, ...texts.map(({ length }) => length));
  if (longest > nCtx) {
    throw new SaeError("too_long", `${where}: needed texts of at most ${nCtx} tokens, got one of ${longest}; cut it`);
  }
  checkTokens(where, texts, dVocab);
}

/**
 * Lays texts side by side. Padding on the right changes nothing at the positions before it, because no position sees a later one; results at
 * the padding itself mean nothing, and `keep` tells them apart.
 *
 * @throws SaeError `bad_token` for ids that are no token, `too_long` for texts longer than the model was made for
 */
export function tokenBatch(texts: Texts, limits: TextLimits): TokenBatch {
  checkTexts("tokenBatch", texts, limits);
  const lengths = texts.map((text) => text.length);
  const seq = Math.max(0, ...lengths);
  const tokens = new BigInt64Array(texts.length * seq);
  const keep = new Uint8Array(texts.length * seq);
  texts.forEach((text, row) => {
    for (let i = 0; i < text.length; i++) {
      tokens[row * seq + i] = BigInt(text[i]);
      keep[row * seq + i] = 1;
    }
  });
  const shape = [texts.length, seq];
  return { tokens: { data: tokens, shape }, keep: { data: keep, shape }, lengths };
}
