import { add, div, mul, sub } from "../ops/binary.js";
import { rowDot } from "../ops/matmul.js";
import { sqrt } from "../ops/unary.js";
import type { Tensor } from "../tensor.js";

/** Smallest normal float32: keeps a row of zeros from dividing by zero without changing any other. */
const tiny = 1.1754943508222875e-38;

/** Each row of [rows, n] divided by its norm; a row of zeros stays zero. */
export const normalizeRows = (w: Tensor): Tensor => div(w, add(sqrt(rowDot(w, w, true)), tiny));

/** The gradient of [rows, n] without its component along the row itself, for rows of unit norm. */
export const removeParallel = (gradient: Tensor, w: Tensor): Tensor => sub(gradient, mul(w, rowDot(gradient, w, true)));
