/**
 * The one error class of the packages in this repository.
 *
 * The message says "operation: needed X, got Y; do Z". The code is a stable snake_case word that programs can compare.
 *
 * @example
 * throw new SaeError("shape_mismatch", "readRows: needed out of 8 values, got 6; allocate rows * dModel values");
 */
export class SaeError extends Error {
  /** Stable snake_case word, such as `"file_not_found"`. */
  readonly code: string;

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = "SaeError";
    this.code = code;
  }
}
