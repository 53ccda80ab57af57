import { closest, distance } from "fastest-levenshtein";

/** The candidate that a mistyped word most likely stands for, or null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (candidates.length === 0) return null;
  const typed = word.toLowerCase();
  const best = closest(typed, [...candidates]);
  return distance(typed, best) <= Math.max(2, Math.floor(word.length / 3)) ? best : null;
}

/** `"; did you mean 'topk'?"`, or nothing when no candidate is near. */
export function didYouMean(word: string, candidates: readonly string[], write = (name: string) => `'${name}'`): string {
  const best = nearest(word, candidates);
  return best === null ? "" : `; did you mean ${write(best)}?`;
}
