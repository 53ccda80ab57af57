/*
 * Q3_K: 256 values in 110 bytes (3.4375 bits a value), in 16 groups of 16
 *
 *   byte 0   h[32]    third bits: values 32 apart share a byte, the first in the lowest bit
 *       32   q[64]    2 bits a value: four values 32 apart share a byte, the first in the lowest bits; 32 bytes for each half of the block
 *       96   s[12]    6-bit scales: 4 low bits of group g in the low half (g < 8) or high half (g >= 8) of byte g mod 8;
 *                     2 high bits in byte 8 + g mod 4, at bit 2 · (g div 4)
 *      108   d        float16
 *
 *   value = d · (scale − 32) · (q + 4 · h − 4)
 *
 * block_q3_K of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 3 bits, and a 6-bit scale for 16 values. */
export const q3_K: GgmlType = {
  name: "Q3_K",
  id: 11,
  blockValues: 256,
  blockBytes: 110,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 110) {
      const d = float16[blocks[block + 108] | (blocks[block + 109] << 8)];
      const scales = block + 96;
      for (let group = 0; group < 16; group++) {
        const low = (blocks[scales + (group & 7)] >> (group < 8 ? 0 : 4)) & 15;
        const high = (blocks[scales + 8 + (group & 3)] >> (2 * (group >> 2))) & 3;
        const scale = d * ((low | (high << 4)) - 32);
        const shift = group & 6; // two groups for each 2 bits of a byte
        const bit = group >> 1; // and for each third bit
        const column = (group & 1) * 16;
        const q = block + 32 + (group >> 3) * 32 + column;
        const h = block + column;
        for (let i = 0; i < 16; i++) {
          out[value++] = scale * (((blocks[q + i] >> shift) & 3) + (((blocks[h + i] >> bit) & 1) << 2) - 4);
        }
      }
    }
  },
};
