import { SaeError } from "@sae/core";
import type { ActivationSource } from "./source.js";

/** In which batches held-out activations are read: indices 0 to `batches` − 1 of this size. */
export interface HeldOutBatches {
  /** Activations of each. */
  readonly batch: number;
  readonly batches: number;
}

/**
 * Batches that hold `rows` held-out activations, rounded up, or as many as there are in whole batches. They have the size of training's batches; where
 * fewer rows than that are held out it is halved until one batch is whole, because rows of training must not fill it up.
 *
 * @param rows activations wanted, at least 1
 * @param size activations of a training batch
 * @throws SaeError `too_few_rows` for a source that holds nothing out
 */
export function heldOutBatches(
  source: Pick<ActivationSource, "heldOutBatches">,
  rows: number,
  size: number,
): HeldOutBatches {
  if (source.heldOutBatches(1) === 0) {
    throw new SaeError(
      "too_few_rows",
      "held-out activations: needed at least one for thresholds and evaluation, got none; raise --held-out, or give more activations",
    );
  }
  let batch = size;
  while (source.heldOutBatches(batch) === 0) batch = Math.ceil(batch / 2);
  return { batch, batches: Math.min(Math.ceil(rows / batch), source.heldOutBatches(batch)) };
}
