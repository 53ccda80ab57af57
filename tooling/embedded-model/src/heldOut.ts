import type { TokenScorer, WeightArrays } from "@sae/models";
import { cutContext, type TokenStream } from "./contexts.js";

const rowsAtOnce = 8;

/**
 * Mean loss in nats of each source's held-out texts, whole contexts one after another.
 *
 * @param most contexts of a source, all when left out
 */
export async function heldOutLosses(
  scorer: TokenScorer,
  weights: WeightArrays,
  streams: readonly TokenStream[],
  {
    nCtx,
    bos,
    most = Number.POSITIVE_INFINITY,
  }: { readonly nCtx: number; readonly bos: number; readonly most?: number },
): Promise<Record<string, { loss: number; tokens: number }>> {
  const results: Record<string, { loss: number; tokens: number }> = {};
  for (const { name, tokens } of streams) {
    const count = Math.min(most, Math.floor(tokens.length / nCtx));
    let total = 0;
    for (let begin = 0; begin < count; begin += rowsAtOnce) {
      const rows = Math.min(rowsAtOnce, count - begin);
      const contexts = new Int32Array(rows * (nCtx + 1));
      for (let row = 0; row < rows; row++) {
        cutContext(tokens, begin + row, bos, contexts.subarray(row * (nCtx + 1), (row + 1) * (nCtx + 1)));
      }
      const { losses } = await scorer.score(weights, contexts, rows);
      total += losses.reduce((sum, loss) => sum + loss, 0);
    }
    results[name] = { loss: total / (count * nCtx), tokens: count * nCtx };
  }
  return results;
}
