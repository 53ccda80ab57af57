import { distance } from "fastest-levenshtein";

/** The known names that are closest to a name, at most three, the closest first. */
export const closestNames = (name: string, known: readonly string[]): string[] =>
  known
    .map((candidate) => ({ candidate, edits: distance(name, candidate) }))
    .sort((a, b) => a.edits - b.edits)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
