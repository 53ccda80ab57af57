/** One way in which ggml stores values: in blocks of a fixed number of values and bytes. */
export interface GgmlType {
  /** Its name in ggml. */
  readonly name: string;
  /** Its number in GGUF files (`enum ggml_type` in ggml.h). */
  readonly id: number;
  /** Values in a block. Rows of a tensor are whole blocks. */
  readonly blockValues: number;
  /** Bytes of a block. */
  readonly blockBytes: number;
  /**
   * Values of whole blocks.
   *
   * @param blocks bytes of n blocks
   * @param out n · blockValues values, overwritten
   */
  readonly dequantize: (blocks: Uint8Array, out: Float32Array) => void;
}
