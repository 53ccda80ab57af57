import type { NamedGraph } from "./lower.js";
import type { Target } from "./lowerContext.js";

/**
 * ONNX model bytes (opset 18, IR 9) of a graph. Nodes that no output needs are not written.
 *
 * The codec is loaded with the first graph: a program that only reads files or plans jobs need not wait for it.
 */
export const onnxBytes = async (graph: NamedGraph, target: Target): Promise<Uint8Array> =>
  (await import("./lower.js")).lowerToOnnx(graph, target);
