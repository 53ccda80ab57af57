export { type ActivationFile, type ActivationFileOptions, openActivations } from "./activationFile.js";
export {
  attend,
  attention,
  attentionPattern,
  type CausalMaskOptions,
  causalMask,
  type ScoreOptions,
} from "./attention.js";
export { checkGraph } from "./checkGraph.js";
export {
  above,
  atLatents,
  type Codes,
  type Density,
  decode,
  densePreActivation,
  firedLatents,
  largestInBatch,
  meanActive,
  type PreActivation,
  preActivation,
  topk,
  withValues,
} from "./codes.js";
export {
  type CompileOptions,
  compile,
  compileGraph,
  type Feed,
  type FixedInputs,
  largestKept,
  type OpTime,
  type Program,
  type Value,
} from "./compile.js";
export { defineOp, type Op, type OpDefinition, type OpExample, type VjpArguments } from "./defineOp.js";
export { drawUnitRows } from "./drawUnitRows.js";
export { SaeError } from "./error.js";
export { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16, float16Table } from "./float16.js";
export { grad, vjp } from "./grad.js";
export { type Interpreter, interpret, largestDifference } from "./interpret.js";
export type { KeptInput, NamedGraph } from "./lower.js";
export {
  type LowerContext,
  type OnnxAttribute,
  type Provider,
  type ScatterAddStrategy,
  scatterAddStrategy,
  type Target,
} from "./lowerContext.js";
export { type NdArray, ndArray } from "./ndArray.js";
export { normalSequence } from "./normalSequence.js";
export { decodeNpy, encodeNpy, encodeNpyHeader, readNpy, writeNpy } from "./npy.js";
export { decodeNpz, readNpz } from "./npz.js";
export { onnxBytes } from "./onnxBytes.js";
export { arangeLike } from "./ops/arange.js";
export { add, div, maximum, minimum, mul, pow, sub } from "./ops/binary.js";
export { and, equal, greater, greaterOrEqual, less, or } from "./ops/compare.js";
export { cond } from "./ops/cond.js";
export { crossEntropy, tokenLosses } from "./ops/crossEntropy.js";
export { type CustomBackward, customGradient, stopGradient } from "./ops/custom.js";
export { addRows, gatherRows, scatterAddRows } from "./ops/gather.js";
export { allOps } from "./ops/index.js";
export { linear } from "./ops/linear.js";
export { type MatmulAttrs, matmul, rowDot } from "./ops/matmul.js";
export { nonzero, topkMask } from "./ops/nonzero.js";
export { layerNorm, rmsNorm } from "./ops/normalize.js";
export type { Pattern } from "./ops/pattern.js";
export { gatherAt, sumColumns } from "./ops/perLatent.js";
export { mean, reduceMax, sum, sumTo } from "./ops/reduce.js";
export { type ScanArguments, scan } from "./ops/scan.js";
export { sddmm } from "./ops/sddmm.js";
export { broadcastLike, cast, concat, reshape, slice, transpose } from "./ops/shape.js";
export { logSoftmax, softmax } from "./ops/softmax.js";
export { spmm } from "./ops/spmm.js";
export { spmmT } from "./ops/spmmT.js";
export { addAlongLastAxis, takeAlongLastAxis } from "./ops/takeAlong.js";
export { tokenDivergences } from "./ops/tokenDivergences.js";
export {
  abs,
  cos,
  erf,
  exp,
  gelu,
  geluTanh,
  log,
  neg,
  relu,
  sigmoid,
  silu,
  sin,
  sqrt,
  square,
  tanh,
} from "./ops/unary.js";
export { where } from "./ops/where.js";
export { type AdamwOptions, adamw, biasCorrections, type Moments } from "./optim/adamw.js";
export { clipFactor, clipGlobalNorm, globalNorm } from "./optim/clipGlobalNorm.js";
export { ramp, type Schedule, scheduleFactor } from "./optim/schedule.js";
export { normalizeRows, removeParallel } from "./optim/unitRows.js";
export { keyedPermutation, permutation, permutedIndex } from "./permutation.js";
export { portableCosSin, portableExp, portableLog } from "./portableMath.js";
export { productFlops } from "./productFlops.js";
export { availableProviders, type ProviderChoice, resolveProvider } from "./provider.js";
export { fillNormal, fillUniform, fold, type Key, key, sequence } from "./random.js";
export { openToRead, readFully, truncated } from "./readBytes.js";
export { evaluateGraph } from "./reference.js";
export { type RotaryLayout, type RotaryTables, rotaryFrequencies, rotaryTables, rotate } from "./rotary.js";
export { loadCheckpoint, type RunCheckpoint, saveCheckpoint } from "./runCheckpoint.js";
export { openRunLog, type RunLog } from "./runLog.js";
export {
  decodeSafetensors,
  encodeSafetensors,
  openSafetensors,
  readSafetensors,
  type Safetensors,
  type SafetensorsEntry,
  type SafetensorsReader,
  writeSafetensors,
} from "./safetensors.js";
export { type StoredArray, type StoredDType, type TypedArray, toFloat32 } from "./storedArray.js";
export {
  constant,
  full,
  type Graph,
  type Node,
  type Operand,
  placeholder,
  type Tensor,
  type TypedData,
  topologicalOrder,
} from "./tensor.js";
export {
  bool,
  type Dim,
  type DType,
  float16,
  float32,
  formatType,
  int64,
  type Shape,
  type TensorType,
} from "./tensorType.js";
export { toNumbers } from "./toNumbers.js";
export { type FileContent, writeError, writeFileAtomic } from "./writeFileAtomic.js";
