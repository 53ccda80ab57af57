import { SaeError } from "./error.js";
import type { MatmulAttrs } from "./ops/matmul.js";
import { type Node, type Tensor, topologicalOrder } from "./tensor.js";
import type { Dim } from "./tensorType.js";

/** Products whose size only a run knows, and bodies that may run any number of times. */
const uncounted = ["spmm", "spmmT", "sddmm", "topkLinear", "positiveLinear", "linearAt", "scan", "cond"];

/**
 * Floating-point operations of the dense matrix products of a graph, two for each multiplication with its addition. Everything else is passes over
 * memory, and not counted.
 *
 * @param sizes of the symbolic dimensions, by name
 * @throws SaeError `missing_size`; `unsupported_op` for sparse products, loops and branches
 * @example
 * const [x, w] = [placeholder("x", float32("batch", 3)), placeholder("w", float32(3, 4))];
 * productFlops([matmul(x, w)], { batch: 5 }); // 2 · 5 · 3 · 4
 */
export function productFlops(outputs: readonly Tensor[], sizes: Readonly<Record<string, number>> = {}): number {
  const sizeOf = (dim: Dim): number => {
    const size = typeof dim === "number" ? dim : sizes[dim];
    if (size !== undefined) return size;
    throw new SaeError("missing_size", `productFlops: needed the size of '${dim}', got none; name it in sizes`);
  };
  let total = 0;
  for (const node of topologicalOrder(outputs)) {
    if (uncounted.includes(node.op.name)) {
      throw new SaeError(
        "unsupported_op",
        `productFlops: needed a graph of dense products, got '${node.op.name}'; profile a run of it instead`,
      );
    }
    const inner = innerDim(node);
    if (inner === null) continue;
    const { shape } = node.outputs[0] as Tensor;
    total += 2 * shape.reduce<number>((product, dim) => product * sizeOf(dim), sizeOf(inner));
  }
  return total;
}

/** The dimension that a product sums over; null for another operation. */
function innerDim({ op, inputs, attrs }: Node): Dim | null {
  const shape = inputs[0]?.shape ?? [];
  if (op.name === "linear") return shape[1] as Dim;
  if (op.name !== "matmul") return null;
  return shape[shape.length - ((attrs as MatmulAttrs).transA ? 2 : 1)] as Dim;
}
