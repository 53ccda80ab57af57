/*
 * Q4_1: 32 values in 20 bytes (5 bits a value)
 *
 *   byte 0   d        float16
 *        2   m        float16
 *        4   q[16]    4 bits of value i in the low half of byte i, of value i + 16 in the high half
 *
 *   value i = d · q + m
 *
 * block_q4_1 of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 4 bits, a scale and a minimum for 32 values. */
export const q4_1: GgmlType = {
  name: "Q4_1",
  id: 3,
  blockValues: 32,
  blockBytes: 20,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 20, value += 32) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      const m = float16[blocks[block + 2] | (blocks[block + 3] << 8)];
      for (let i = 0; i < 16; i++) {
        const pair = blocks[block + 4 + i];
        out[value + i] = d * (pair & 15) + m;
        out[value + 16 + i] = d * (pair >> 4) + m;
      }
    }
  },
};
