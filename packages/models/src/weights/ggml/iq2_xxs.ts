/*
 * IQ2_XXS: 256 values in 66 bytes (2.0625 bits a value), in 8 groups of 32
 *
 *   byte 0   d        float16
 *        2            for each group 8 bytes:
 *            g[4]     uint8: magnitudes of 8 values, an entry of a fixed grid (iq2xxsGrid.ts)
 *            w        uint32: bits 7k to 7k + 6 are the signs of the first 7 values of grid entry k (1 is minus), the eighth makes the number of
 *                     minuses even; bits 28 to 31 are the scale
 *
 *   value = ± d · (1/2 + scale) / 4 · magnitude
 *
 * block_iq2_xxs of ggml, https://github.com/ggml-org/ggml
 */
import { float16Table } from "@sae/core";
import type { GgmlType } from "./ggmlType.js";
import { iq2xxsGrid } from "./iq2xxsGrid.js";

let signTable: Float32Array | undefined;

/** ±1 of the 8 values of each sign pattern, [128, 8]; made at the first call. */
function signs(): Float32Array {
  if (signTable === undefined) {
    signTable = new Float32Array(128 * 8);
    for (let pattern = 0; pattern < 128; pattern++) {
      let product = 1;
      for (let i = 0; i < 7; i++) {
        const sign = (pattern >> i) & 1 ? -1 : 1;
        signTable[pattern * 8 + i] = sign;
        product *= sign;
      }
      signTable[pattern * 8 + 7] = product;
    }
  }
  return signTable;
}

/** 2 bits: magnitudes of 8 values from a grid of 256, 7 signs, and a 4-bit scale for 32 values. */
export const iq2_xxs: GgmlType = {
  name: "IQ2_XXS",
  id: 16,
  blockValues: 256,
  blockBytes: 66,
  dequantize: (blocks, out) => {
    const float16 = float16Table();
    const sign = signs();
    const grid = iq2xxsGrid();
    for (let block = 0, value = 0; value < out.length; block += 66) {
      const d = float16[blocks[block] | (blocks[block + 1] << 8)];
      for (let group = block + 2; group < block + 66; group += 8) {
        let word = blocks[group + 4] | (blocks[group + 5] << 8) | (blocks[group + 6] << 16) | (blocks[group + 7] << 24);
        const scale = d * (0.5 + (word >>> 28)) * 0.25;
        for (let k = 0; k < 4; k++, word >>>= 7) {
          const magnitude = blocks[group + k] * 8;
          const pattern = (word & 127) * 8;
          for (let i = 0; i < 8; i++) out[value++] = scale * grid[magnitude + i] * sign[pattern + i];
        }
      }
    }
  },
};
