import type { GraphProto } from "onnx-buf";
import type { Graph, TypedData } from "./tensor.js";
import type { DType, TensorType } from "./tensorType.js";

/** Attribute of an ONNX node: an integer, a list of integers, a string, or one of the tagged kinds. */
export type OnnxAttribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] }
  | { readonly graph: GraphProto };

/** An execution provider of onnxruntime. */
export type Provider = "cpu" | "cuda" | "webgpu";

/**
 * How rows are added at repeated indices.
 * - `serial`: `ScatterND(add)` on one thread: exact and deterministic.
 * - `atomic`: `ScatterND(add)` on a GPU, with atomic additions (the order of additions varies).
 * - `dense`: no scatter-add at all, a matrix product with the codes laid out densely. On the CPU provider with several threads
 *   `ScatterND(add)` is a data race when indices repeat (onnxruntime issue 18048), so this is the only right one there.
 */
export type ScatterAddStrategy = "serial" | "atomic" | "dense";

/** Where and how the graph will run: what a lowering may choose by. */
export interface Target {
  readonly provider: Provider;
  readonly threads: number;
  readonly scatterAdd: ScatterAddStrategy;
}

/** What a lowering writes ONNX nodes with. */
export interface LowerContext {
  readonly target: Target;
  /** Adds a node with one output and returns that output's name. */
  emit(opType: string, inputs: readonly string[], attributes?: Record<string, OnnxAttribute>, domain?: string): string;
  /** Adds a node with several outputs. */
  emitMany(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string[];
  /** What `write` emits for this key, written the first time and shared by all later lowerings that can see it. */
  once(key: string, write: () => readonly string[]): readonly string[];
  /** A constant; equal constants share one initializer. */
  constant(dtype: DType, shape: readonly number[], values: readonly number[] | TypedData): string;
  /** ONNX's number of an element type, as the `to` attribute of Cast wants it. */
  elementType(dtype: DType): number;
  /** A list of int64 numbers: axes, shapes, starts. */
  ints(...values: number[]): string;
  /**
   * Lowers a body. A parameter with a name in `bound` is that outer value; the others become inputs of the ONNX graph.
   * Values of the surrounding graph are visible inside by their names.
   */
  subgraph(body: Graph, bound?: ReadonlyMap<number, string>): GraphProto;
  /**
   * Runs `body` for each row of `sequences`, in a loop without state, and returns its results stacked. What a lowering would otherwise write out once
   * for each of many pieces: onnxruntime takes longer over a graph than in proportion to its nodes.
   */
  forEachRow(
    sequences: readonly { readonly name: string; readonly row: TensorType }[],
    results: readonly TensorType[],
    body: (context: LowerContext, rows: readonly string[]) => readonly string[],
  ): string[];
}

/** The strategy that is right on a target. */
export function scatterAddStrategy(provider: Provider, threads: number): ScatterAddStrategy {
  if (provider === "cuda") return "atomic";
  return provider === "cpu" && threads === 1 ? "serial" : "dense";
}
