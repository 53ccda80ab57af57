import type { GgmlType } from "./ggmlType.js";

/** bfloat16, little-endian: the upper half of a float32. */
export const bf16: GgmlType = {
  name: "BF16",
  id: 30,
  blockValues: 1,
  blockBytes: 2,
  dequantize: (blocks, out) => {
    const words = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0, at = 0; i < words.length; i++, at += 2) words[i] = (blocks[at] << 16) | (blocks[at + 1] << 24);
  },
};
