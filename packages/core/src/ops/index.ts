import type { OpDefinition } from "../defineOp.js";
import { arangeLikeOp } from "./arange.js";
import { binaryOps } from "./binary.js";
import { compareOps } from "./compare.js";
import { tokenLossesOp } from "./crossEntropy.js";
import { stopGradientOp } from "./custom.js";
import { addRowsOp, gatherRowsOp, scatterAddRowsOp } from "./gather.js";
import { linearOp } from "./linear.js";
import { matmulOp } from "./matmul.js";
import { nonzeroOp, topkMaskOp } from "./nonzero.js";
import { layerNormOp, rmsNormOp } from "./normalize.js";
import { gatherAtOp, markColumnsOp, sumColumnsOp } from "./perLatent.js";
import { positiveLinearOp } from "./positiveLinear.js";
import { elementCountOp, reduceMaxOp, sumOp } from "./reduce.js";
import { sddmmOp } from "./sddmm.js";
import { broadcastLikeOp, castOp, concatOp, padLikeOp, reshapeOp, sliceOp, transposeOp } from "./shape.js";
import { logSoftmaxOp, softmaxOp } from "./softmax.js";
import { splitLikeOp } from "./splitLike.js";
import { spmmOp } from "./spmm.js";
import { spmmTOp } from "./spmmT.js";
import { addAlongLastAxisOp, takeAlongLastAxisOp } from "./takeAlong.js";
import { topkFlatOp } from "./topkFlat.js";
import { topkLinearOp } from "./topkLinear.js";
import { unaryOps } from "./unary.js";
import { whereOp } from "./where.js";

/** Every primitive operation: the tests run through this list, so an operation that is in it is tested. */
export const allOps: readonly OpDefinition[] = [
  ...unaryOps,
  ...binaryOps,
  ...compareOps,
  whereOp,
  sumOp,
  reduceMaxOp,
  elementCountOp,
  reshapeOp,
  transposeOp,
  broadcastLikeOp,
  castOp,
  concatOp,
  splitLikeOp,
  sliceOp,
  padLikeOp,
  matmulOp,
  linearOp,
  gatherRowsOp,
  scatterAddRowsOp,
  addRowsOp,
  softmaxOp,
  logSoftmaxOp,
  layerNormOp,
  rmsNormOp,
  takeAlongLastAxisOp,
  addAlongLastAxisOp,
  arangeLikeOp,
  tokenLossesOp,
  stopGradientOp,
  spmmOp,
  sddmmOp,
  spmmTOp,
  sumColumnsOp,
  gatherAtOp,
  markColumnsOp,
  topkLinearOp,
  positiveLinearOp,
  topkFlatOp,
  nonzeroOp,
  topkMaskOp,
].map((op) => op.definition as unknown as OpDefinition);
