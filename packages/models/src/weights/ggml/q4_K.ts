/*
 * Q4_K: 256 values in 144 bytes (4.5 bits a value), in 8 groups of 32
 *
 *   byte 0   d        float16, scale of the scales
 *        2   dmin     float16, scale of the minima
 *        4   s[12]    6-bit scales and minima, see packedScales.ts
 *       16   q[128]   4 bits a value: groups 2p and 2p + 1 are the low and high halves of the bytes 32p to 32p + 31
 *
 *   value = d · scale · q − dmin · minimum
 *
 * block_q4_K of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";
import { packedMinimum, packedScale } from "./packedScales.js";

/** 4 bits, and 6-bit scale and minimum for 32 values. */
export const q4_K: GgmlType = {
  name: "Q4_K",
  id: 12,
  blockValues: 256,
  blockBytes: 144,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 144) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      const dmin = float16[blocks[block + 2] | (blocks[block + 3] << 8)];
      for (let group = 0; group < 8; group++) {
        const scale = d * packedScale(blocks, block + 4, group);
        const minimum = dmin * packedMinimum(blocks, block + 4, group);
        const shift = (group & 1) * 4;
        const first = block + 16 + (group >> 1) * 32;
        for (let q = first; q < first + 32; q++) out[value++] = scale * ((blocks[q] >> shift) & 15) - minimum;
      }
    }
  },
};
