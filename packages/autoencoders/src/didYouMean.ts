/** Letters put in, left out or replaced that make one word the other (Levenshtein), whatever their case. */
function edits(one: string, other: string): number {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const now = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = before[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      now.push(Math.min(replaced, before[j] + 1, now[j - 1] + 1));
    }
    before = now;
  }
  return before[b.length];
}

/** `"; did you mean 'topk'?"`, or nothing when no candidate is near to the word. */
export function didYouMean(word: string, candidates: readonly string[]): string {
  const [nearest] = candidates
    .map((name) => ({ name, distance: edits(word, name) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(word.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return nearest ? `; did you mean '${nearest.name}'?` : "";
}
