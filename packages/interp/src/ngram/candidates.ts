import type { SequenceIndex } from "./indexSequences.js";
import type { Pattern } from "./pattern.js";

/** A pattern in the numbers of an index. */
export interface Candidate {
  /** Test at the place itself; null for any token. */
  readonly at: number | null;
  readonly before: readonly { readonly back: number; readonly is: number }[];
}

/** How far patterns reach. */
export interface CandidateOptions {
  /** Tokens before the place that a pattern may ask for at a fixed distance; 0 leaves patterns of one token. */
  readonly reach: number;
  /** In so many sequences, at least, an activation has to be where the pattern fits. */
  readonly fewestSequences: number;
}

/**
 * The patterns that the neighbourhoods of active places have in common: a token; a token and one at a fixed distance before it; a token at a
 * fixed distance before whatever is active; three tokens in a row. Each token exactly, or without case and spaces.
 *
 * @param active places
 */
export function candidates(
  index: SequenceIndex,
  active: readonly number[],
  { reach, fewestSequences }: CandidateOptions,
): Candidate[] {
  const { passed, startOf, sequenceOf } = index;
  const found = new Map<string, { readonly candidate: Candidate; readonly sequences: Set<number> }>();
  const add = (place: number, at: number | null, before: Candidate["before"] = []): void => {
    const name = `${at} ${before.map(({ back, is }) => `${back}:${is}`).join(" ")}`;
    let known = found.get(name);
    if (known === undefined) {
      known = { candidate: { at, before }, sequences: new Set() };
      found.set(name, known);
    }
    known.sequences.add(sequenceOf[place]);
  };
  for (const place of active) {
    const backTo = Math.min(reach, place - startOf[place]);
    for (const at of passed[place]) add(place, at);
    for (let back = 1; back <= backTo; back++) {
      for (const is of passed[place - back]) {
        add(place, null, [{ back, is }]);
        for (const at of passed[place]) add(place, at, [{ back, is }]);
      }
    }
    if (backTo >= 2) {
      for (const at of passed[place]) {
        for (const first of passed[place - 1]) {
          for (const second of passed[place - 2]) {
            add(place, at, [
              { back: 1, is: first },
              { back: 2, is: second },
            ]);
          }
        }
      }
    }
  }
  return [...found.values()].flatMap(({ candidate, sequences }) =>
    sequences.size >= fewestSequences ? [candidate] : [],
  );
}

/** Places that a candidate fits, ascending. */
export function placesOf({ passed, startOf, placesOf }: SequenceIndex, { at, before }: Candidate): number[] {
  const fits = (place: number): boolean =>
    before.every(({ back, is }) => place - back >= startOf[place] && passed[place - back].includes(is));
  if (at !== null) return placesOf[at].filter(fits);
  const [{ back, is }] = before;
  return placesOf[is].map((earlier) => earlier + back).filter((place) => place < passed.length && fits(place));
}

/** The pattern of a candidate. */
export const patternOf = ({ tests }: SequenceIndex, { at, before }: Candidate): Pattern => ({
  at: at === null ? null : tests[at],
  before: before.map(({ back, is }) => ({ back, is: tests[is] })),
});
