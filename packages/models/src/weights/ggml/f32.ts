import type { GgmlType } from "./ggmlType.js";

/** float32, little-endian. */
export const f32: GgmlType = {
  name: "F32",
  id: 0,
  blockValues: 1,
  blockBytes: 4,
  dequantize: (blocks, out) => {
    new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(blocks);
  },
};
