/*
 * Which emitted ONNX operators run on the GPU, and which go through the CPU with a copy there and back. Kept by hand, held against what the
 * lowerings emit by a test.
 *
 * CUDA: read off docs/OperatorKernels.md of onnxruntime (commit 001d12d2, a state between releases 1.24 and 1.30); nothing here was ever run on
 * CUDA. WebGPU: seen in profiles of onnxruntime-node 1.30.0 on SwiftShader, a Vulkan driver in software.
 */
import type { DType } from "./tensorType.js";

/** A CUDA kernel, as it is registered. */
export interface CudaKernel {
  /** First opset of the operator's schema that is in force at the opset that is written. */
  readonly schema: number;
  /** Opsets that the kernel is registered for; no end means the newest when it was registered. */
  readonly from: number;
  readonly to?: number;
  /** Element types, of those used here, of the first data input (of the result where there is none). */
  readonly dtypes: readonly DType[];
}

const all: readonly DType[] = ["float32", "float16", "int64", "bool"];
const numeric: readonly DType[] = ["float32", "float16", "int64"];
const floats: readonly DType[] = ["float32", "float16"];

const kernel = (dtypes: readonly DType[], schema: number, from = schema, to?: number): CudaKernel => ({
  schema,
  from,
  dtypes,
  ...(to !== undefined && { to }),
});

export const cudaKernels: Readonly<Record<string, CudaKernel>> = {
  Abs: kernel(numeric, 13),
  Add: kernel(numeric, 14),
  And: kernel(["bool"], 7),
  Cast: kernel(all, 13, 13, 18),
  Concat: kernel(all, 13),
  ConstantOfShape: kernel(all, 9),
  Cos: kernel(floats, 7),
  CumSum: kernel(numeric, 14),
  Div: kernel(numeric, 14),
  Equal: kernel(all, 13),
  Erf: kernel(floats, 13),
  Exp: kernel(floats, 13),
  Expand: kernel(all, 13),
  FusedMatMul: kernel(floats, 1),
  Gather: kernel(all, 13),
  GatherElements: kernel(all, 13),
  Gemm: kernel(floats, 13),
  Greater: kernel(numeric, 13),
  GreaterOrEqual: kernel(numeric, 16),
  Identity: kernel(all, 16, 14, 18),
  If: kernel(["bool"], 16, 13, 18),
  LayerNormalization: kernel(floats, 17),
  Less: kernel(numeric, 13),
  Log: kernel(floats, 13),
  LogSoftmax: kernel(floats, 13),
  MatMul: kernel(floats, 13),
  Max: kernel(numeric, 13),
  Min: kernel(numeric, 13),
  Mod: kernel(numeric, 13),
  Mul: kernel(numeric, 14),
  Neg: kernel(numeric, 13),
  NonZero: kernel(all, 13),
  Or: kernel(["bool"], 7),
  Pad: kernel(["float32", "float16", "bool"], 18),
  Pow: kernel(numeric, 15),
  Range: kernel(["float32", "int64"], 11),
  ReduceMax: kernel(numeric, 18),
  ReduceProd: kernel(floats, 18),
  ReduceSum: kernel(numeric, 13),
  Relu: kernel(floats, 14),
  Reshape: kernel(all, 14, 14, 18),
  Scan: kernel(all, 16, 16, 18),
  ScatterElements: kernel(all, 18),
  ScatterND: kernel(all, 18),
  Shape: kernel(all, 15, 15, 18),
  Sigmoid: kernel(floats, 13),
  SimplifiedLayerNormalization: kernel(floats, 1),
  Sin: kernel(floats, 7),
  Slice: kernel(all, 13),
  Softmax: kernel(floats, 13),
  Split: kernel(all, 18),
  Sqrt: kernel(floats, 13),
  Squeeze: kernel(all, 13, 13, 20),
  Sub: kernel(numeric, 14),
  Tanh: kernel(floats, 13),
  TopK: kernel(numeric, 11),
  Transpose: kernel(all, 13, 13, 20),
  Unsqueeze: kernel(all, 13, 13, 20),
  Where: kernel(numeric, 16),
};

/** Operators with a type that has no CUDA kernel, and why that is no loss. */
export const cudaFallbacks: Readonly<Record<string, string>> = {
  "ReduceProd int64": "multiplies the sizes of a tensor, which onnxruntime keeps on the CPU anyway",
};

/**
 * Operators that the WebGPU provider leaves to the CPU, each with a copy there and back. All arithmetic on int64 (places, sizes) is on the
 * CPU as well.
 */
export const webgpuFallbacks: Readonly<Record<string, string>> = {
  ConstantOfShape: "zeros to scatter into",
  If: "the flag is read on the CPU",
  NonZero: "the places above a threshold: how many there are must be known before more is computed",
  Or: "no kernel",
  Scan: "the loop is run on the CPU, its steps on the GPU",
  Split: "of places, which are int64",
};
