/*
 * Q6_K: 256 values in 210 bytes (6.5625 bits a value), in 16 groups of 16
 *
 *   byte 0   q[128]   4 low bits: in each half of the block, values 0-63 are the low and 64-127 the high halves of 64 bytes
 *      128   h[64]    2 high bits: four values 32 apart share a byte, the first in the lowest bits; 32 bytes for each half of the block
 *      192   s[16]    int8, scale of a group
 *      208   d        float16
 *
 *   value = d · scale · (q + 16 · h − 32)
 *
 * block_q6_K of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 6 bits, and an 8-bit scale for 16 values. */
export const q6_K: GgmlType = {
  name: "Q6_K",
  id: 14,
  blockValues: 256,
  blockBytes: 210,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 210) {
      const d = float16[blocks[block + 208] | (blocks[block + 209] << 8)];
      for (let group = 0; group < 16; group++) {
        const scale = d * ((blocks[block + 192 + group] << 24) >> 24);
        const half = group >> 3;
        const q = block + half * 64 + (group & 3) * 16;
        const h = block + 128 + half * 32 + (group & 1) * 16;
        const lowShift = group & 4; // the first four groups of a half are in the low bits
        const highShift = group & 6; // two groups for each 2 bits
        for (let i = 0; i < 16; i++) {
          const low = (blocks[q + i] >> lowShift) & 15;
          out[value++] = scale * ((low | (((blocks[h + i] >> highShift) & 3) << 4)) - 32);
        }
      }
    }
  },
};
