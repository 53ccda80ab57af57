/*
 * Q4_0: 32 values in 18 bytes (4.5 bits a value)
 *
 *   byte 0   d        float16
 *        2   q[16]    4 bits of value i in the low half of byte i, of value i + 16 in the high half
 *
 *   value i = d · (q − 8)
 *
 * block_q4_0 of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 4 bits and a scale for 32 values. */
export const q4_0: GgmlType = {
  name: "Q4_0",
  id: 2,
  blockValues: 32,
  blockBytes: 18,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 18, value += 32) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      for (let i = 0; i < 16; i++) {
        const pair = blocks[block + 2 + i];
        out[value + i] = d * ((pair & 15) - 8);
        out[value + 16 + i] = d * ((pair >> 4) - 8);
      }
    }
  },
};
