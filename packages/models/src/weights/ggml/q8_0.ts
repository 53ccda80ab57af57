/*
 * Q8_0: 32 values in 34 bytes (8.5 bits a value)
 *
 *   byte 0   d        float16
 *        2   q[32]    int8            value i = d · q[i]
 *
 * block_q8_0 of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** 8 bits and a scale for 32 values. */
export const q8_0: GgmlType = {
  name: "Q8_0",
  id: 8,
  blockValues: 32,
  blockBytes: 34,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let block = 0, value = 0; value < out.length; block += 34) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      for (let q = block + 2; q < block + 34; q++) out[value++] = d * ((blocks[q] << 24) >> 24);
    }
  },
};
