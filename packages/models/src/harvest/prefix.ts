import type { Context } from "./contexts.js";

/** A model up to a hook: tokens in, activations out. */
export interface Prefix {
  readonly dModel: number;
  /** What identifies it: the model's weights and the hook. */
  readonly identity: Readonly<Record<string, unknown>>;
  /**
   * Activations of a batch of texts, each padded on the right with any token. Those before the padding must not depend on it.
   *
   * @param tokens [batch, seq]
   * @returns [batch, seq, dModel]
   */
  activations(tokens: Int32Array, batch: number, seq: number): Promise<Float32Array>;
}

/**
 * Activations of contexts, all run at once, as long as the longest of them.
 *
 * @returns the row of each position of each context
 */
export async function runContexts(
  prefix: Prefix,
  contexts: readonly Context[],
): Promise<(context: number, position: number) => Float32Array> {
  const { dModel } = prefix;
  const seq = contexts.reduce((longest, { length }) => Math.max(longest, length), 0);
  const tokens = new Int32Array(contexts.length * seq); // [batch, seq]
  for (const [i, context] of contexts.entries()) tokens.set(context.tokens.subarray(0, seq), i * seq);
  const values = await prefix.activations(tokens, contexts.length, seq); // [batch, seq, dModel]
  return (context, position) => {
    const row = context * seq + position;
    return values.subarray(row * dModel, (row + 1) * dModel);
  };
}
