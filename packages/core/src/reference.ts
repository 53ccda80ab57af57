import type { NdArray } from "./ndArray.js";
import { type Tensor, topologicalOrder } from "./tensor.js";

/**
 * Evaluates a graph with the plain reference implementations, in double precision. What the tests hold the ONNX lowering against;
 * also fine for graphs of a few thousand elements where no session is wanted.
 *
 * @param bindings value of each placeholder (and of any tensor that shall not be computed)
 */
export function evaluateGraph(outputs: readonly Tensor[], bindings: ReadonlyMap<Tensor, NdArray>): NdArray[] {
  const values = new Map<Tensor, NdArray>(bindings);
  for (const node of topologicalOrder(outputs, (tensor) => bindings.has(tensor))) {
    if (node.outputs.every((output) => values.has(output))) continue;
    const inputs = node.inputs.map((input) => values.get(input) as NdArray);
    const results = node.op.reference(inputs, node.attrs, node);
    node.outputs.forEach((output, i) => {
      if (!values.has(output)) values.set(output, results[i] as NdArray);
    });
  }
  return outputs.map((output) => values.get(output) as NdArray);
}
