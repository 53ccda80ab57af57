/** Indices of the k largest, larger first, equal ones in order. */
export const largestIndices = (values: Float64Array, k: number): number[] =>
  Array.from(values.keys())
    .sort((i, j) => (values[j] as number) - (values[i] as number) || i - j)
    .slice(0, k);
