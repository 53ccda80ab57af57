import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";

/** float16 (IEEE 754 binary16), little-endian. */
export const f16: GgmlType = {
  name: "F16",
  id: 1,
  blockValues: 1,
  blockBytes: 2,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    for (let i = 0, at = 0; i < out.length; i++, at += 2) out[i] = float16[blocks[at] | (blocks[at + 1] << 8)];
  },
};
