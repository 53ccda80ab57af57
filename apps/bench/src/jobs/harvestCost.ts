import type { ForwardCost } from "@sae/models";
import { type Cost, costOf, processBytes } from "../costs/cost.js";
import type { HarvestJobConfig } from "./harvestJob.js";

/** What a harvest's cost depends on besides its config. */
export interface HarvestSizes {
  readonly dModel: number;
  /** The model up to the hook. */
  readonly prefix: ForwardCost;
}

const bytesOf = { float16: 2, float32: 4 };
/** Rows are collected into files of this size. */
const shardBytes = 2 ** 29;
/** Beside each row stand its token, its position and its context. */
const placeBytes = 12;
/** Tensors of a block that are in memory at once, as multiples of the stream. */
const blockTensors = 16;
/** For each element: norms, checks, the conversion to float16. */
const opsPerElement = 4;

/** Cost of a harvest; null where all that the texts give is taken, which nobody knows before it was read. */
export function harvestCost(
  { rows, nCtx, batch, dtype }: HarvestJobConfig,
  { dModel, prefix }: HarvestSizes,
): Cost | null {
  if (rows === undefined) return null;
  const stored = rows * (dModel * bytesOf[dtype] + placeBytes);
  return costOf({
    flops: rows * prefix.flopsPerToken,
    scalarOps: rows * dModel * opsPerElement,
    feedBytes: prefix.weightBytes + Math.ceil(rows / (batch * nCtx)) * prefix.fedBytes,
    resultBytes: rows * dModel * 4,
    memoryBytes:
      processBytes + prefix.weightBytes + blockTensors * 4 * batch * nCtx * dModel + Math.min(stored, shardBytes),
    diskBytes: stored,
    allCores: true,
  });
}
