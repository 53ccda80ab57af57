/*
 * Q5_1: 32 values in 24 bytes (6 bits a value)
 *
 *   byte 0   d        float16
 *        2   m        float16
 *        4   h        uint32: bit i is the fifth bit of value i
 *        8   q[16]    4 bits of value i in the low half of byte i, of value i + 16 in the high half
 *
 *   value i = d · (q + 16 · h) + m
 *
 * block_q5_1 of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 5 bits, a scale and a minimum for 32 values. */
export const q5_1: GgmlType = {
  name: "Q5_1",
  id: 7,
  blockValues: 32,
  blockBytes: 24,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 24, value += 32) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      const m = float16[blocks[block + 2] | (blocks[block + 3] << 8)];
      const low = blocks[block + 4] | (blocks[block + 5] << 8); // fifth bits of values 0 to 15
      const high = blocks[block + 6] | (blocks[block + 7] << 8); // of 16 to 31
      for (let i = 0; i < 16; i++) {
        const pair = blocks[block + 8 + i];
        out[value + i] = d * ((pair & 15) | (((low >> i) & 1) << 4)) + m;
        out[value + 16 + i] = d * ((pair >> 4) | (((high >> i) & 1) << 4)) + m;
      }
    }
  },
};
