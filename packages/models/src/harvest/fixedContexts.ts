import { createHash } from "node:crypto";
import { SaeError } from "@sae/core";
import type { ContextSource } from "./contexts.js";

/**
 * Contexts whose tokens are known already, one document each.
 *
 * @param tokens [contexts, nCtx]
 * @param starts tokens that stand for the start of a text
 * @throws SaeError `shape_mismatch`
 */
export function fixedContexts(tokens: Int32Array, nCtx: number, starts: readonly number[] = []): ContextSource {
  if (nCtx < 1 || tokens.length % nCtx !== 0) {
    throw new SaeError(
      "shape_mismatch",
      `fixedContexts: needed a multiple of nCtx = ${nCtx} tokens, got ${tokens.length}`,
    );
  }
  const bytes = new Uint8Array(tokens.buffer, tokens.byteOffset, tokens.byteLength);
  return {
    nCtx,
    starts,
    identity: { tokens: createHash("sha256").update(bytes).digest("hex"), nCtx },
    async *from(position = { context: 0, document: 0, token: 0 }) {
      for (let number = position.context; number < tokens.length / nCtx; number++) {
        yield {
          number,
          tokens: tokens.slice(number * nCtx, (number + 1) * nCtx),
          length: nCtx,
          documents: new Int32Array(nCtx).fill(number),
          next: { context: number + 1, document: number + 1, token: 0 },
        };
      }
    },
  };
}
