import { SaeError } from "./error.js";
import { add } from "./ops/binary.js";
import { stopGradientOp } from "./ops/custom.js";
import { broadcastLike, castOp } from "./ops/shape.js";
import { constant, type Node, type Tensor, topologicalOrder } from "./tensor.js";
import { formatType } from "./tensorType.js";

/**
 * Reverse-mode derivative, graph to graph: symbolic gradients of a scalar `loss` with respect to each tensor of `wrt`
 * (same shapes). A tensor that the loss does not depend on gets zeros. Nothing is computed here: the result is more graph.
 *
 * @throws SaeError `not_scalar` when the loss has dimensions, `not_differentiable` when the path runs through an operation without a gradient, or
 * through one other than `cast` in float16.
 */
export function grad(loss: Tensor, wrt: readonly Tensor[]): Tensor[] {
  if (loss.shape.length !== 0) {
    throw new SaeError(
      "not_scalar",
      `grad: needed a scalar loss, got ${formatType(loss)}; reduce it with sum or mean first`,
    );
  }
  return vjp([loss], [constant(1, [], loss.dtype)], wrt);
}

/** The general form: gradients of Σ ⟨outputs, seeds⟩, for outputs of any shape. */
export function vjp(outputs: readonly Tensor[], seeds: readonly Tensor[], wrt: readonly Tensor[]): Tensor[] {
  const order = topologicalOrder(outputs);
  const needed = dependents(order, new Set(wrt));
  const grads = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor): void => {
    const before = grads.get(tensor);
    grads.set(tensor, before ? add(before, gradient) : gradient);
  };
  outputs.forEach((output, i) => {
    accumulate(output, seeds[i] as Tensor);
  });
  for (const node of order.reverse()) {
    if (!needed.has(node)) continue;
    const incoming = node.outputs.map((output) => grads.get(output) ?? null);
    const needs = node.inputs.map((input) => needed.has(input.node) || wrt.includes(input));
    if (incoming.every((gradient) => gradient === null) || !needs.some(Boolean)) continue;
    if (node.op.vjp === "none") {
      // Indices and comparisons end a path silently; a loop or branch would lose a gradient that the caller expects.
      if (node.op.opaque) {
        throw new SaeError(
          "not_differentiable",
          `grad: '${node.op.name}' has no gradient; take the gradient inside its body`,
        );
      }
      continue;
    }
    checkPrecision(node, [...node.inputs.filter((_, i) => needs[i]), ...node.outputs.filter((_, i) => incoming[i])]);
    const results = node.op.vjp({
      inputs: node.inputs,
      outputs: node.outputs,
      grads: incoming,
      attrs: node.attrs,
      needs,
    });
    node.inputs.forEach((input, i) => {
      const gradient = results[i];
      if (gradient && needs[i]) accumulate(input, gradient);
    });
  }
  return wrt.map((tensor) => grads.get(tensor) ?? broadcastLike(constant(0, [], tensor.dtype), tensor));
}

/** float16 is a type to store numbers in: the scalars and zeros of gradients are float32, and sums of float16 would lose small terms. */
function checkPrecision({ op }: Node, differentiated: readonly Tensor[]): void {
  const half = differentiated.find(({ dtype }) => dtype === "float16");
  if (!half || [castOp.definition, stopGradientOp.definition].includes(op as never)) return;
  throw new SaeError(
    "not_differentiable",
    `grad: needed float32 from the loss to what it is differentiated by, got '${op.name}' of ${formatType(half)}; cast to float32 first`,
  );
}

/** Nodes whose value depends on one of the tensors. */
function dependents(order: readonly Node[], roots: ReadonlySet<Tensor>): Set<Node> {
  const result = new Set<Node>();
  for (const node of order) {
    const isRoot = node.outputs.some((output) => roots.has(output));
    const uses = node.inputs.some((input) => roots.has(input) || result.has(input.node));
    // A root is a leaf of the derivative unless its own inputs lead to another root.
    if (uses || (isRoot && node.inputs.some((input) => result.has(input.node)))) result.add(node);
  }
  return result;
}
