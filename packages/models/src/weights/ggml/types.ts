import { bf16 } from "./bf16.js";
import { f16 } from "./f16.js";
import { f32 } from "./f32.js";
import type { GgmlType } from "./ggmlType.js";
import { iq2_xxs } from "./iq2_xxs.js";
import { q2_K } from "./q2_K.js";
import { q3_K } from "./q3_K.js";
import { q4_0 } from "./q4_0.js";
import { q4_1 } from "./q4_1.js";
import { q4_K } from "./q4_K.js";
import { q5_0 } from "./q5_0.js";
import { q5_1 } from "./q5_1.js";
import { q5_K } from "./q5_K.js";
import { q6_K } from "./q6_K.js";
import { q8_0 } from "./q8_0.js";

/** The ggml types whose values can be read. */
export const ggmlTypes: readonly GgmlType[] = [
  f32,
  f16,
  bf16,
  q8_0,
  q4_0,
  q4_1,
  q5_0,
  q5_1,
  q2_K,
  q3_K,
  q4_K,
  q5_K,
  q6_K,
  iq2_xxs,
];
