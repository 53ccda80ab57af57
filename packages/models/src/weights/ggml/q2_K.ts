/*
 * Q2_K: 256 values in 84 bytes (2.625 bits a value), in 16 groups of 16
 *
 *   byte 0   s[16]    group g: scale in the low half of the byte, minimum in the high half
 *       16   q[64]    2 bits a value: four values 32 apart share a byte, the first in the lowest bits; 32 bytes for each half of the block
 *       80   d        float16, scale of the scales
 *       82   dmin     float16, scale of the minima
 *
 *   value = d · scale · q − dmin · minimum
 *
 * block_q2_K of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 2 bits, and 4-bit scale and minimum for 16 values. */
export const q2_K: GgmlType = {
  name: "Q2_K",
  id: 10,
  blockValues: 256,
  blockBytes: 84,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 84) {
      const d = float16[blocks[block + 80] | (blocks[block + 81] << 8)];
      const dmin = float16[blocks[block + 82] | (blocks[block + 83] << 8)];
      for (let group = 0; group < 16; group++) {
        const scale = d * (blocks[block + group] & 15);
        const minimum = dmin * (blocks[block + group] >> 4);
        const shift = group & 6; // two groups for each 2 bits of a byte
        const first = block + 16 + (group >> 3) * 32 + (group & 1) * 16;
        for (let q = first; q < first + 16; q++) out[value++] = scale * ((blocks[q] >> shift) & 3) - minimum;
      }
    }
  },
};
