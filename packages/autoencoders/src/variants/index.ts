import type { AnySae } from "../defineSae.js";
import { batchTopkSae } from "./batchtopk.js";
import { jumpReluSae } from "./jumprelu.js";
import { matryoshkaSae } from "./matryoshka.js";
import { reluSae } from "./relu.js";
import { topkSae } from "./topk.js";

/** The architectures of the study, in the order of its tables. */
export const variants: readonly AnySae[] = [reluSae, topkSae, batchTopkSae, jumpReluSae, matryoshkaSae];
