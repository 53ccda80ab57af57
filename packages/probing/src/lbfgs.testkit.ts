import { dot } from "./vectors.js";

/** A function of many variables and its gradient. */
export type Objective = (point: Float64Array) => { value: number; gradient: Float64Array };

/** One point of a path downhill. */
export interface PathPoint {
  readonly point: Float64Array;
  readonly value: number;
}

const { abs, max, min, sqrt } = Math;
const largest = (v: Float64Array) => v.reduce((most, x) => max(most, abs(x)), 0);

/**
 * The path of scipy's L-BFGS-B without bounds, with scipy's defaults, which is the solver of scikit-learn's logistic regression: ten remembered steps, the
 * line search of Moré and Thuente, and an end where a step lowers the value by a share of less than 2.2e-9 or no entry of the gradient exceeds 1e-4.
 *
 * Sources: Byrd, Lu, Nocedal and Zhu (1995), "A limited memory algorithm for bound constrained optimization"; Moré and Thuente (1994), "Line search
 * algorithms with guaranteed sufficient decrease".
 */
export function lbfgsPath(objective: Objective, start: Float64Array): PathPoint[] {
  let point = start;
  let { value, gradient } = objective(point);
  const path: PathPoint[] = [];
  const memory: { step: Float64Array; change: Float64Array; product: number }[] = [];
  let curvature = 1;
  while (largest(gradient) > 1e-4) {
    const direction = gradient.map((g) => -g);
    const shares = memory.toReversed().map(({ step, change, product }) => {
      const share = dot(step, direction) / product;
      change.forEach((c, j) => {
        direction[j] -= share * c;
      });
      return share;
    });
    for (let j = 0; j < direction.length; j++) direction[j] /= curvature;
    memory.forEach(({ step, change, product }, i) => {
      const share = shares[memory.length - 1 - i] - dot(change, direction) / product;
      step.forEach((s, j) => {
        direction[j] += share * s;
      });
    });

    const [from, before] = [point, { value, gradient }];
    const slope = dot(gradient, direction);
    lineSearch(
      (length) => {
        point = from.map((w, j) => w + length * direction[j]);
        ({ value, gradient } = objective(point));
        return { at: length, value, slope: dot(gradient, direction) };
      },
      { at: 0, value, slope },
      path.length === 0 ? min(1, 1 / sqrt(dot(direction, direction))) : 1,
    );
    path.push({ point, value });
    if (before.value - value <= 2 ** -52 * 1e7 * max(abs(before.value), abs(value), 1)) break;

    const step = point.map((w, j) => w - from[j]);
    const change = gradient.map((g, j) => g - before.gradient[j]);
    const product = dot(step, change);
    if (product <= 2 ** -52 * -dot(before.gradient, step)) continue;
    memory.push({ step, change, product });
    if (memory.length > 10) memory.shift();
    curvature = dot(change, change) / product;
  }
  return path;
}

/** A length tried along a direction, with the value and the slope there. */
interface Trial {
  at: number;
  value: number;
  slope: number;
}

/** Tries lengths until one lowers the value enough (1e-3 of what the first slope promises) and leaves less than 0.9 of that slope. The last one tried is the choice. */
function lineSearch(evaluate: (length: number) => Trial, start: Trial, first: number): void {
  const promised = 1e-3 * start.slope;
  let best = start;
  let other = start;
  let isBracketed = false;
  let isFarEnough = false;
  let width = Number.POSITIVE_INFINITY;
  let widthBefore = Number.POSITIVE_INFINITY;
  let length = first;
  let [shortest, longest] = [0, 5 * first];
  for (let tried = 0; tried < 20; tried++) {
    const trial = evaluate(length);
    const isLower = trial.value <= start.value + length * promised;
    if (isLower && abs(trial.slope) <= 0.9 * -start.slope) return;
    isFarEnough ||= isLower && trial.slope >= 0;

    // Until a length is known that is low enough and past the minimum, what is searched is the value less the promised fall.
    const tilt = !isFarEnough && trial.value <= best.value && !isLower ? promised : 0;
    const tilted = (t: Trial, by: number): Trial => ({ ...t, value: t.value - by * t.at, slope: t.slope - by });
    const [low, high, now] = [tilted(best, tilt), tilted(other, tilt), tilted(trial, tilt)];
    const next = nextLength(low, high, now, isBracketed, shortest, longest);
    if (now.value > low.value) {
      other = trial;
      isBracketed = true;
    } else {
      if (now.slope * low.slope < 0) {
        other = best;
        isBracketed = true;
      }
      best = trial;
    }

    length = next;
    if (isBracketed) {
      if (abs(other.at - best.at) >= 0.66 * widthBefore) length = best.at + (other.at - best.at) / 2;
      [widthBefore, width] = [width, abs(other.at - best.at)];
      [shortest, longest] = [min(best.at, other.at), max(best.at, other.at)];
    } else [shortest, longest] = [length + 1.1 * (length - best.at), length + 4 * (length - best.at)];
  }
  throw new Error("the line search found no length");
}

/** The next length to try: the minimum of a cubic or a quadratic through what is known, kept near the best. */
function nextLength(best: Trial, other: Trial, now: Trial, isBracketed: boolean, shortest: number, longest: number) {
  const secant = now.at + (now.slope / (now.slope - best.slope)) * (best.at - now.at);
  const nearer = (a: number, b: number) => (abs(a - now.at) < abs(b - now.at) ? a : b);
  const farther = (a: number, b: number) => (abs(a - now.at) > abs(b - now.at) ? a : b);
  if (now.value > best.value) {
    const cubic = cubicMinimum(best, now);
    const fall = (best.value - now.value) / (now.at - best.at) + best.slope;
    const quadratic = best.at + (best.slope / fall / 2) * (now.at - best.at);
    return abs(cubic - best.at) < abs(quadratic - best.at) ? cubic : (cubic + quadratic) / 2;
  }
  if (now.slope * best.slope < 0) return farther(cubicMinimum(now, best), secant);
  if (abs(now.slope) < abs(best.slope)) {
    const cubic = cubicMinimum(now, best, now.at > best.at ? longest : shortest);
    if (!isBracketed) return min(max(farther(cubic, secant), shortest), longest);
    const limit = now.at + 0.66 * (other.at - now.at);
    const next = nearer(cubic, secant);
    return now.at > best.at ? min(limit, next) : max(limit, next);
  }
  if (isBracketed) return cubicMinimum(now, other);
  return now.at > best.at ? longest : shortest;
}

/** Where the cubic with the values and slopes of `a` and `b` is least, or `otherwise` where that lies on the other side of `a` or nowhere. */
function cubicMinimum(a: Trial, b: Trial, otherwise?: number): number {
  const theta = (3 * (a.value - b.value)) / (b.at - a.at) + a.slope + b.slope;
  const scale = max(abs(theta), abs(a.slope), abs(b.slope));
  const root = sqrt(max(0, (theta / scale) ** 2 - (a.slope / scale) * (b.slope / scale)));
  const gamma = (a.at > b.at ? -1 : 1) * scale * root;
  const share = (gamma - a.slope + theta) / (gamma - a.slope + gamma + b.slope);
  if (otherwise !== undefined && !(share < 0 && gamma !== 0)) return otherwise;
  return a.at + share * (b.at - a.at);
}
