import { fromBinary } from "@bufbuild/protobuf";
import { type GraphProto, type ModelProto, ModelProtoSchema, type NodeProto } from "onnx-buf";
import { lowerToOnnx } from "./lower.js";
import { type Provider, scatterAddStrategy } from "./lowerContext.js";
import { placeholder, type Tensor } from "./tensor.js";
import type { TensorType } from "./tensorType.js";

/** The ONNX model that `compile` would hand to onnxruntime, decoded again: for looking at what a function becomes. */
export function onnxModel<Inputs extends Record<string, TensorType>>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Record<string, Tensor>,
  { provider = "cpu", threads = 1 }: { readonly provider?: Provider; readonly threads?: number } = {},
): ModelProto {
  const args = Object.fromEntries(Object.entries(inputs).map(([name, type]) => [name, placeholder(name, type)])) as {
    [Name in keyof Inputs]: Tensor;
  };
  const bytes = lowerToOnnx(
    { inputs: args, outputs: build(args) },
    { provider, threads, scatterAdd: scatterAddStrategy(provider, threads) },
  );
  return fromBinary(ModelProtoSchema, bytes);
}

/** Every node of a graph, those of loop and branch bodies included, bodies after the node they belong to. */
export const onnxNodes = (graph: GraphProto | undefined): NodeProto[] =>
  (graph?.node ?? []).flatMap((node) => [node, ...node.attribute.flatMap((attribute) => onnxNodes(attribute.g))]);

/** How often each operator occurs, by name. */
export function countOperators(nodes: readonly NodeProto[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { opType } of nodes) counts[opType] = (counts[opType] ?? 0) + 1;
  return Object.fromEntries(Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1)));
}
