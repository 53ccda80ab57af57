import { add, matmul, type Tensor } from "@sae/core";

/** Gets a weight by name. */
export type Weights = (name: string) => Tensor;

/**
 * The linear layer `name`: x Wᵀ + b, W [out, in] as PyTorch's Linear stores it.
 *
 * @param x [batch, seq, in]
 * @param bias whether there is a `name.bias`
 */
export function project(x: Tensor, p: Weights, name: string, bias = false): Tensor {
  const y = matmul(x, p(`${name}.weight`), { transB: true }); // [batch, seq, out]
  return bias ? add(y, p(`${name}.bias`)) : y;
}

/** Shapes of the weights of {@link project}. */
export const projectWeights = (
  name: string,
  out: number,
  n: number,
  bias = false,
): Record<string, readonly number[]> => ({
  [`${name}.weight`]: [out, n],
  ...(bias && { [`${name}.bias`]: [out] }),
});

/** The linear layer `name` with its weight stored the other way round: x W + b, W [in, out], GPT-2's Conv1D. */
export const projectConv1d = (x: Tensor, p: Weights, name: string): Tensor =>
  add(matmul(x, p(`${name}.weight`)), p(`${name}.bias`)); // [batch, seq, out]

/** Shapes of the weights of {@link projectConv1d}. */
export const conv1dWeights = (name: string, n: number, out: number): Record<string, readonly number[]> => ({
  [`${name}.weight`]: [n, out],
  [`${name}.bias`]: [out],
});
