import type { LatentExamples, Sequence } from "../explainer.js";
import { type Candidate, type CandidateOptions, candidates, patternOf, placesOf } from "./candidates.js";
import { indexSequences } from "./indexSequences.js";
import type { Pattern } from "./pattern.js";

/** How patterns are looked for. */
export interface PatternOptions extends CandidateOptions {
  /** Places count as active from this share of the sequence's largest activation on. */
  readonly activeShare: number;
  /** Most patterns of an explanation. */
  readonly patterns: number;
  /** A pattern has to raise the balanced accuracy on the examples by this much, */
  readonly leastGain: number;
  /** and by this much more for each condition beyond the first: of what the strongest examples share, less holds for the weaker ones. */
  readonly conditionCost: number;
}

/** A candidate and what it fits. */
interface Fit {
  readonly candidate: Candidate;
  /** For each sequence whether it fits somewhere. */
  readonly sequences: readonly boolean[];
  /** Of the places in activating sequences that it fits, the share that is active. */
  readonly precision: number;
}

/**
 * A few patterns that together tell the activating examples from the inactive ones: one after the other that which raises the balanced
 * accuracy of "some pattern fits somewhere" most; of equals that whose places are active most often, then the shortest, then the most special.
 */
export function choosePatterns({ activating, inactive }: LatentExamples, options: PatternOptions): Pattern[] {
  const index = indexSequences([...activating, ...inactive].map(({ tokens }) => tokens));
  const active = activePlaces(activating, options.activeShare);
  const isActive = new Set(active);
  const end = activating.reduce((total, { tokens }) => total + tokens.length, 0);
  const fits = candidates(index, active, options).map((candidate): Fit => {
    const places = placesOf(index, candidate);
    const sequences = new Array<boolean>(index.sequences).fill(false);
    for (const place of places) sequences[index.sequenceOf[place]] = true;
    const seen = places.filter((place) => place < end);
    return { candidate, sequences, precision: seen.filter((place) => isActive.has(place)).length / seen.length };
  });
  const chosen: Pattern[] = [];
  const covered = new Array<boolean>(index.sequences).fill(false);
  const gainOf = ({ sequences }: Fit): number => {
    let [hits, falseAlarms] = [0, 0];
    sequences.forEach((is, sequence) => {
      if (!is || covered[sequence]) return;
      if (sequence < activating.length) hits++;
      else falseAlarms++;
    });
    return (hits / activating.length - falseAlarms / Math.max(1, inactive.length)) / 2;
  };
  while (chosen.length < options.patterns) {
    let best: { readonly fit: Fit; readonly gain: number } | null = null;
    for (const fit of fits) {
      const gain = gainOf(fit) - options.conditionCost * before(fit);
      if (best === null || gain > best.gain || (gain === best.gain && isSimpler(fit, best.fit))) best = { fit, gain };
    }
    if (best === null || best.gain < options.leastGain || best.gain <= 0) break;
    chosen.push(patternOf(index, best.fit.candidate));
    best.fit.sequences.forEach((is, sequence) => {
      if (is) covered[sequence] = true;
    });
  }
  return chosen;
}

/** Places in the sequences, laid end to end, where the latent is about as active as it gets in the sequence. */
function activePlaces(sequences: readonly Sequence[], share: number): number[] {
  let start = 0;
  return sequences.flatMap(({ activations }) => {
    const least = share * Math.max(...activations);
    const places = activations.flatMap((value, at) => (value > 0 && value >= least ? [start + at] : []));
    start += activations.length;
    return places;
  });
}

/** Tokens asked for before the place. */
const before = ({ candidate }: Fit): number => candidate.before.length;

/** Candidates come from the special to the general: of equals the first stays. */
const isSimpler = (a: Fit, b: Fit): boolean =>
  a.precision > b.precision || (a.precision === b.precision && before(a) < before(b));
