/*
 * The 12 bytes of Q4_K and Q5_K that hold a 6-bit scale and a 6-bit minimum for each of 8 groups:
 *
 *   byte g        (g < 4)    bits 0-5: scale g          bits 6-7: two high bits of scale g + 4
 *   byte 4 + g    (g < 4)    bits 0-5: minimum g        bits 6-7: two high bits of minimum g + 4
 *   byte 8 + g    (g < 4)    bits 0-3: four low bits of scale g + 4        bits 4-7: of minimum g + 4
 */

/** Scale of a group. @param bytes where the 12 bytes are, from `at` on */
export const packedScale = (bytes: Uint8Array, at: number, group: number): number =>
  group < 4 ? bytes[at + group] & 63 : (bytes[at + 4 + group] & 15) | ((bytes[at + group - 4] >> 6) << 4);

/** Minimum of a group. @param bytes where the 12 bytes are, from `at` on */
export const packedMinimum = (bytes: Uint8Array, at: number, group: number): number =>
  group < 4 ? bytes[at + 4 + group] & 63 : (bytes[at + 4 + group] >> 4) | ((bytes[at + group] >> 6) << 4);
