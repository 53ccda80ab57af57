/*
 * Rotary embeddings turn the features of a head in pairs. Which features make a pair is a convention, and the rows of the query and key weights
 * follow it: in the layout of Meta's Llama, of llama2.c and of GGUF the pair i is rows 2i and 2i + 1 of the head ("interleaved"), in that of
 * Hugging Face rows i and i + dHead/2 ("split"). See `RotaryLayout` of @sae/core.
 *
 *   w [rows, width]     rows = heads · dHead
 */

/**
 * The row of interleaved weights that belongs at a row of split ones.
 *
 * @param row of the split layout, over all heads
 */
export function interleavedRow(row: number, dHead: number): number {
  const inHead = row % dHead;
  const half = dHead / 2;
  return row - inHead + (inHead < half ? 2 * inHead : 2 * (inHead - half) + 1);
}

/**
 * A copy with other rows: row r is row `order(r)` of `values`.
 *
 * @param values [rows, width]
 * @param rows how many
 * @returns [rows, width]
 */
export function orderRows(values: Float32Array, rows: number, order: (row: number) => number): Float32Array {
  const out = new Float32Array(values.length);
  const width = values.length / rows;
  for (let row = 0; row < rows; row++) {
    const from = order(row) * width;
    if (width === 1) out[row] = values[from];
    else out.set(values.subarray(from, from + width), row * width);
  }
  return out;
}
