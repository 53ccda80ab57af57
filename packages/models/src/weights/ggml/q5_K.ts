/*
 * Q5_K: 256 values in 176 bytes (5.5 bits a value), in 8 groups of 32
 *
 *   byte 0   d        float16, scale of the scales
 *        2   dmin     float16, scale of the minima
 *        4   s[12]    6-bit scales and minima, see packedScales.ts
 *       16   h[32]    fifth bits: bit g of byte i belongs to value i of group g
 *       48   q[128]   4 bits a value: groups 2p and 2p + 1 are the low and high halves of the bytes 32p to 32p + 31
 *
 *   value = d · scale · (q + 16 · h) − dmin · minimum
 *
 * block_q5_K of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";
import { packedMinimum, packedScale } from "./packedScales.js";

/** 5 bits, and 6-bit scale and minimum for 32 values. */
export const q5_K: GgmlType = {
  name: "Q5_K",
  id: 13,
  blockValues: 256,
  blockBytes: 176,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 176) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      const dmin = float16[blocks[block + 2] | (blocks[block + 3] << 8)];
      const h = block + 16;
      for (let group = 0; group < 8; group++) {
        const scale = d * packedScale(blocks, block + 4, group);
        const minimum = dmin * packedMinimum(blocks, block + 4, group);
        const shift = (group & 1) * 4;
        const q = block + 48 + (group >> 1) * 32;
        for (let i = 0; i < 32; i++) {
          const low = (blocks[q + i] >> shift) & 15;
          out[value++] = scale * (low | (((blocks[h + i] >> group) & 1) << 4)) - minimum;
        }
      }
    }
  },
};
