import { largestKept, productFlops } from "@sae/core";
import { buildModelGraph } from "./compileModel.js";
import type { LanguageModel } from "./languageModel.js";

/** What a pass over a model takes. */
export interface ForwardCost {
  /** Floating-point operations of its matrix products for each token, in contexts of the given length. */
  readonly flopsPerToken: number;
  /** Bytes of the weights that it reads, in float32. */
  readonly weightBytes: number;
  /** Of those, bytes of single weights that are too large for a program to keep, and are handed to it in every pass. */
  readonly fedBytes: number;
}

/**
 * Counts the matrix products of a forward pass, without reading a weight: those with the weights, and those of attention, which grow with the length of
 * the contexts.
 *
 * `hook`: where the pass ends; at the logits when left out
 * `nCtx`: tokens of a context
 * @throws SaeError `unknown_hook`
 */
export function forwardCost(model: LanguageModel, { hook, nCtx }: { hook?: string; nCtx: number }): ForwardCost {
  const { outputs, weights } = buildModelGraph(model, {}, ({ read }) => {
    const { at, logits } = read(hook === undefined ? [] : [hook]);
    return { end: hook === undefined ? logits : at[hook] };
  });
  const bytes = Object.values(weights).map(({ shape }) =>
    (shape as readonly number[]).reduce((product, dim) => product * dim, 4),
  );
  const sum = (list: readonly number[]) => list.reduce((total, count) => total + count, 0);
  return {
    flopsPerToken: productFlops(Object.values(outputs), { batch: 1, seq: nCtx }) / nCtx,
    weightBytes: sum(bytes),
    fedBytes: sum(bytes.filter((count) => count > largestKept)),
  };
}
