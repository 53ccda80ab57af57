import { defineOp } from "../defineOp.js";
import { SaeError } from "../error.js";
import type { NdArray } from "../ndArray.js";
import { evaluateGraph } from "../reference.js";
import { nextRegion } from "../region.js";
import { type Graph, placeholder, type Tensor } from "../tensor.js";
import { formatType, sameType, shapeError } from "../tensorType.js";
import { capturesOf } from "./scan.js";

interface CondAttrs {
  readonly branches: readonly [Graph, Graph];
  readonly operands: number;
}

const condOp = defineOp<CondAttrs>({
  name: "cond",
  opaque: true,
  infer: (_inputs, { branches }) => branches[0].outputs,
  lower: (context, inputs, { branches, operands }) => {
    const bound = new Map(inputs.slice(1, 1 + operands).map((name, i) => [i, name]));
    const [thenGraph, elseGraph] = branches.map((branch) => ({ graph: context.subgraph(branch, bound) }));
    return context.emitMany("If", [inputs[0] as string], branches[0].outputs.length, {
      then_branch: thenGraph as { graph: never },
      else_branch: elseGraph as { graph: never },
    });
  },
  vjp: "none",
  reference: (inputs, { branches, operands }, node) => {
    const branch = branches[inputs[0]?.data[0] ? 0 : 1];
    const bindings = new Map<Tensor, NdArray>(node.inputs.map((tensor, i) => [tensor, inputs[i] as NdArray]));
    branch.params.slice(0, operands).forEach((param, i) => {
      bindings.set(param, inputs[1 + i] as NdArray);
    });
    return evaluateGraph(branch.outputs, bindings);
  },
  examples: [],
});

/**
 * Computes one of two branches, chosen by a bool scalar at run time. Only what depends on `operands` is inside the branches, so pass as
 * operands what the skipped work starts from. Both branches return the same names and types; the whole has no gradient (take it inside).
 *
 * @throws SaeError `shape_mismatch` when the predicate is no bool scalar or the branches return different names or types
 */
export function cond<Operands extends Record<string, Tensor>, Results extends Record<string, Tensor>>(
  predicate: Tensor,
  operands: Operands,
  whenTrue: (operands: Operands) => Results,
  whenFalse: (operands: Operands) => Results,
): Results {
  if (predicate.dtype !== "bool" || predicate.shape.length !== 0)
    throw shapeError("cond", "a bool scalar to choose by", [predicate]);
  const names = Object.keys(operands);
  const region = nextRegion();
  const trace = (fn: (operands: Operands) => Results): { graph: Graph; names: string[] } => {
    const params = names.map((name) => placeholder(name, operands[name] as Tensor, region));
    const results = fn(Object.fromEntries(names.map((name, i) => [name, params[i]])) as Operands);
    return { graph: { params, outputs: Object.values(results) }, names: Object.keys(results) };
  };
  const [yes, no] = [trace(whenTrue), trace(whenFalse)];
  if (yes.names.join() !== no.names.join()) {
    throw new SaeError(
      "shape_mismatch",
      `cond: both branches must return the same names in the same order; got ${yes.names.join(", ")} and ${no.names.join(", ")}`,
    );
  }
  yes.graph.outputs.forEach((output, i) => {
    const other = no.graph.outputs[i] as Tensor;
    if (!sameType(output, other)) {
      throw new SaeError(
        "shape_mismatch",
        `cond: both branches must return the same types; '${yes.names[i]}' is ${formatType(output)} in one, ${formatType(other)} in the other`,
      );
    }
  });
  const captures = [yes.graph, no.graph].flatMap((graph) => capturesOf(graph, region));
  const outputs = condOp([predicate, ...Object.values(operands), ...new Set(captures)], {
    branches: [yes.graph, no.graph],
    operands: names.length,
  });
  return Object.fromEntries(yes.names.map((name, i) => [name, outputs[i]])) as Results;
}
