/** Element type to shape, one for each tensor, as onnxruntime's profile writes them. */
type ProfiledShapes = readonly Readonly<Record<string, readonly number[]>>[];

const products = ["MatMul", "FusedMatMul", "Gemm"];

/**
 * Floating-point operations of one matrix product that ran, from the shapes in onnxruntime's profile; 0 for other operations.
 *
 * @param inputs A, B and what else it read
 * @param outputs [..., m, n]
 */
export function profiledFlops(op: string, inputs: ProfiledShapes = [], outputs: ProfiledShapes = []): number {
  const [a, b, out] = [inputs[0], inputs[1], outputs[0]].map((tensor) => Object.values(tensor ?? {})[0]);
  if (!products.includes(op) || !a || !b || !out) return 0;
  const size = (shape: readonly number[]) => shape.reduce((product, dim) => product * dim, 1);
  const [m, n] = out.slice(-2);
  if (size(out) === 0) return 0;
  // Whether an operand is transposed the profile does not say: it has m or n times as many elements as are summed over, in each matrix of its stack.
  const stack = (shape: readonly number[]) => size(shape.slice(0, -2));
  const inner = Math.max(size(a) / (stack(a) * m), size(b) / (stack(b) * n));
  return 2 * size(out) * inner;
}
