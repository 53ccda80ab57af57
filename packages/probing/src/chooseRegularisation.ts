import { areaUnderCurve } from "./areaUnderCurve.js";

/** Values of C to choose from: ten from 10⁵ down to 10⁻⁵, evenly spaced in the logarithm (SAE-Probes). */
export const regularisations: readonly number[] = Array.from({ length: 10 }, (_, i) => 10 ** (5 - (10 * i) / 9));

/** Texts of a training set by place: to fit on, and to score on. */
export interface Fold {
  readonly fit: readonly number[];
  readonly validate: readonly number[];
}

/**
 * The folds in which SAE-Probes (arXiv 2502.16681) chooses C: leave two out up to 12 texts, six stratified folds below 128, from there on the last
 * fifth, but at most 100. Folds whose texts are all of one class cannot be scored and are left out. Texts stand in random order already. None for 3
 * texts or fewer.
 *
 * @param labels - 1 or 0, [n]
 */
export function validationFolds(labels: ArrayLike<number>): Fold[] {
  const n = labels.length;
  const all = Array.from({ length: n }, (_, i) => i);
  const without = (validate: readonly number[]): Fold => {
    const left = new Set(validate);
    return { fit: all.filter((i) => !left.has(i)), validate };
  };
  const hasBoth = (places: readonly number[]) => new Set(places.map((i) => labels[i])).size === 2;
  if (n <= 3) return [];
  if (n >= 128) {
    const held = Math.min(Math.floor(n / 5), 100);
    return [without(all.slice(n - held))].filter(({ validate }) => hasBoth(validate));
  }
  if (n <= 12) {
    const pairs = all.flatMap((i) => all.slice(i + 1).map((j) => [i, j]));
    return pairs.filter(hasBoth).map(without);
  }
  const folds: number[][] = Array.from({ length: 6 }, () => []);
  let next = 0; // goes on from one class to the other, so that folds are of equal size
  for (const label of [0, 1]) {
    for (const i of all.filter((place) => labels[place] === label)) folds[next++ % 6].push(i);
  }
  return folds.filter(hasBoth).map(without);
}

/**
 * The C whose probes have the best mean AUC on the folds; of equals the first, which penalises least. 1 when there is no fold.
 *
 * @param scoresOf - fits on the texts at `fit` with C and returns scores of those at `validate`
 */
export function chooseRegularisation(
  labels: ArrayLike<number>,
  scoresOf: (fold: Fold, C: number) => ArrayLike<number>,
): number {
  const folds = validationFolds(labels);
  if (folds.length === 0) return 1;
  let best = { C: 1, total: -1 };
  for (const C of regularisations) {
    let total = 0;
    for (const fold of folds) {
      // What is left may be of one class; nothing can be learned from it.
      const isOneClass = new Set(fold.fit.map((i) => labels[i])).size < 2;
      const validated = fold.validate.map((i) => labels[i]);
      total += isOneClass ? 0.5 : areaUnderCurve(scoresOf(fold, C), validated);
    }
    if (total > best.total) best = { C, total };
  }
  return best.C;
}
