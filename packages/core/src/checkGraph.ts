import { SaeError } from "./error.js";
import { isPlaceholder, type Tensor, topologicalOrder } from "./tensor.js";
import { formatType, sameType } from "./tensorType.js";

/**
 * The executable definition of a valid graph: acyclic; every node's stored types are what its shape rule says; nothing of a loop or branch
 * body is used outside it; every placeholder at the top level is one of `inputs`. Runs before every compilation.
 *
 * @throws SaeError `unbound_input`, `region_leak`, `internal`
 */
export function checkGraph(outputs: readonly Tensor[], inputs: readonly Tensor[]): void {
  const known = new Set(inputs);
  for (const node of topologicalOrder(outputs)) {
    const [first] = node.outputs;
    if (first && isPlaceholder(first)) {
      if (node.region > 0)
        throw new SaeError(
          "region_leak",
          `'${(node.attrs as { name: string }).name}' belongs to the body of a scan or cond and is used outside it; return it from the body`,
        );
      if (!known.has(first))
        throw new SaeError(
          "unbound_input",
          `'${(node.attrs as { name: string }).name}' (${formatType(first)}) is used but is no input of the program; add it to the inputs`,
        );
    }
    const types = node.op.infer(node.inputs, node.attrs);
    node.outputs.forEach((output, i) => {
      const expected = types[i];
      if (!expected || !sameType(output, expected))
        throw new SaeError(
          "internal",
          `${node.op.name}: output ${i} is ${formatType(output)}, its shape rule says ${expected ? formatType(expected) : "nothing"}`,
        );
    });
  }
}
