/*
 * Q5_0: 32 values in 22 bytes (5.5 bits a value)
 *
 *   byte 0   d        float16
 *        2   h        uint32: bit i is the fifth bit of value i
 *        6   q[16]    4 bits of value i in the low half of byte i, of value i + 16 in the high half
 *
 *   value i = d · (q + 16 · h − 16)
 *
 * block_q5_0 of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 5 bits and a scale for 32 values. */
export const q5_0: GgmlType = {
  name: "Q5_0",
  id: 6,
  blockValues: 32,
  blockBytes: 22,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 22, value += 32) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      const low = blocks[block + 2] | (blocks[block + 3] << 8); // fifth bits of values 0 to 15
      const high = blocks[block + 4] | (blocks[block + 5] << 8); // of 16 to 31
      for (let i = 0; i < 16; i++) {
        const pair = blocks[block + 6 + i];
        out[value + i] = d * (((pair & 15) | (((low >> i) & 1) << 4)) - 16);
        out[value + 16 + i] = d * (((pair >> 4) | (((high >> i) & 1) << 4)) - 16);
      }
    }
  },
};
