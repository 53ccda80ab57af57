import { fillNormal, type Key } from "./random.js";

/**
 * Random directions: rows of independent standard normal numbers, each divided by its norm, so that they are uniform on the unit sphere. Drawn
 * row by row: what is held in double precision is one row, however many there are.
 *
 * @param shape changes a row of normal numbers in place before it is divided; with z ← L z the rows are those of N(0, L Lᵀ)
 * @returns [rows, width]; a row of zeros stays one
 */
export function drawUnitRows(key: Key, rows: number, width: number, shape?: (row: Float64Array) => void): Float32Array {
  const out = new Float32Array(rows * width);
  const row = new Float64Array(width);
  for (let start = 0; start < out.length; start += width) {
    fillNormal(key, row, start);
    shape?.(row);
    let squares = 0;
    for (let i = 0; i < width; i++) squares += row[i] * row[i];
    const scale = squares === 0 ? 0 : 1 / Math.sqrt(squares);
    for (let i = 0; i < width; i++) out[start + i] = row[i] * scale;
  }
  return out;
}
