import { autointerp, autointerpLlm } from "./autointerp.js";
import type { Evaluation } from "./evaluation.js";
import { probing } from "./probing.js";
import { ravel } from "./ravel.js";
import { reconstruction } from "./reconstruction.js";
import { splice } from "./splice.js";

/** Every evaluation there is, in the order of the report. */
export const evaluations: readonly Evaluation[] = [reconstruction, splice, autointerp, autointerpLlm, probing, ravel];
