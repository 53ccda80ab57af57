import { SaeError } from "@sae/core";

/** A norm this close to 1 is 1 but for the rounding of float32 numbers, and of a norm that was summed up in them. */
const rounding = 1e-5;

/**
 * Rows [rows, dModel] divided by their norms. Those that have norm 1 already keep their bits, because dividing by a norm that is off by rounding would
 * change the last of them.
 *
 * @param what first words of the error message
 * @throws SaeError `bad_config` for a row without a direction
 */
export function unitRows(rows: Float32Array, dModel: number, what: string): Float32Array {
  const unit = rows.slice(); // [rows, dModel]
  for (let start = 0; start < unit.length; start += dModel) {
    const row = unit.subarray(start, start + dModel);
    const norm = Math.sqrt(row.reduce((total, value) => total + value * value, 0));
    if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) {
      throw new SaeError(
        "bad_config",
        `${what}: needed rows with a direction, got one of norm ${norm} (row ${start / dModel}); give it other starting weights`,
      );
    }
    if (Math.abs(norm - 1) > rounding) for (let d = 0; d < dModel; d++) row[d] /= norm;
  }
  return unit;
}
