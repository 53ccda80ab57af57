import type { Sequence } from "../explainer.js";
import { acrossStrengths } from "./acrossStrengths.js";
import { type Best, bestOf } from "./bestOf.js";
import type { CollectOptions } from "./collectOptions.js";
import type { ContextCodes } from "./contextCodes.js";
import { below, type Draws, type DrawsOfLatent } from "./draws.js";
import { overlap, runsOf, type Window, windowAround } from "./windows.js";

/** A sequence whose tokens are numbers only. */
export type TokenSequence = Omit<Sequence, "tokens">;

/** The sequences of one latent. */
export interface CollectedSequences {
  /** To explain with, strongest first. */
  readonly examples: { readonly activating: readonly TokenSequence[]; readonly inactive: readonly TokenSequence[] };
  /** To judge, equally many of both kinds; activating ones weakest first. */
  readonly judged: { readonly activating: readonly TokenSequence[]; readonly inactive: readonly TokenSequence[] };
}

/** Candidates for the judged activating sequences, of which every strength gets its share, for each one taken. */
export const CANDIDATES = 4;
/** Places of a context that are tried for an inactive sequence. */
export const TRIES = 4;

/** Where a latent is active in one context: rows, ascending, and values. */
interface Firings {
  readonly rows: number[];
  readonly values: number[];
}

/** What decides which sequences are kept. */
interface Rank {
  readonly context: number;
  /** Random: of equals the one with the smallest is taken. */
  readonly priority: number;
  /** Largest activation. */
  readonly strength: number;
}

interface Kept extends Rank {
  readonly sequence: TokenSequence;
}
type BestSequences = Best<Kept, Rank>;

const byPriority = (a: Rank, b: Rank): number => a.priority - b.priority || a.context - b.context;
const byStrength = (a: Rank, b: Rank): number => b.strength - a.strength || byPriority(a, b);

/** What is kept of one latent. */
interface Collection {
  readonly draws: DrawsOfLatent;
  readonly strongest: BestSequences;
  readonly inactiveExamples: BestSequences;
  readonly activating: BestSequences;
  readonly inactive: BestSequences;
}

/**
 * Collects the sequences of latents: the second pass over the contexts. A context gives a latent at most one activating and one inactive
 * sequence, which do not overlap: around the strongest activation, for examples, or around one drawn of all, to judge; and around a position
 * drawn of all, if the latent is 0 in the whole window. What is kept does not grow with the number of contexts.
 */
export async function collectSequences(
  contexts: AsyncIterable<ContextCodes>,
  latents: readonly number[],
  { isTraining, ofLatent }: Draws,
  options: CollectOptions,
): Promise<CollectedSequences[]> {
  const collections = latents.map(
    (latent): Collection => ({
      draws: ofLatent(latent),
      strongest: bestOf(options.examples, byStrength),
      inactiveExamples: bestOf(options.inactiveExamples, byPriority),
      activating: bestOf(CANDIDATES * options.judged, byPriority),
      inactive: bestOf(options.judged, byPriority),
    }),
  );
  const indexOf = new Map(latents.map((latent, index) => [latent, index]));
  for await (const codes of contexts) {
    const firings = firingsOf(codes, indexOf);
    const runs = runsOf(codes.positions);
    const training = isTraining(codes.context);
    if (runs.length === 0) continue;
    collections.forEach((collection, index) => {
      collectContext(collection, codes, firings[index], runs, training, options.window);
    });
  }
  return collections.map((collection) => finished(collection, options.judged));
}

function firingsOf({ rows, latents, values }: ContextCodes, indexOf: ReadonlyMap<number, number>): Firings[] {
  const firings = Array.from(indexOf, (): Firings => ({ rows: [], values: [] }));
  for (let entry = 0; entry < latents.length; entry++) {
    const index = indexOf.get(latents[entry]);
    if (index === undefined || !(values[entry] > 0)) continue;
    firings[index].rows.push(rows[entry]);
    firings[index].values.push(values[entry]);
  }
  return firings;
}

function collectContext(
  { draws, strongest, inactiveExamples, activating, inactive }: Collection,
  codes: ContextCodes,
  firings: Firings,
  runs: readonly Window[],
  training: boolean,
  length: number,
): void {
  const { context } = codes;
  const draw = draws(context);
  const priority = draw();
  const chosen = draw();
  let active: Window | null = null;
  if (firings.rows.length > 0) {
    const at = training ? indexOfLargest(firings.values) : below(firings.rows.length, chosen);
    active = windowAround(firings.rows[at], runs[firings.rows[at]], length);
    keep(training ? strongest : activating, { context, priority, strength: strengthIn(firings, active) }, active);
  }
  const places = training ? inactiveExamples : inactive;
  const rank = { context, priority, strength: 0 };
  if (!places.accepts(rank)) return;
  for (let tries = 0; tries < TRIES; tries++) {
    const row = below(runs.length, draw());
    const window = windowAround(row, runs[row], length);
    if ((active !== null && overlap(window, active)) || strengthIn(firings, window) > 0) continue;
    keep(places, rank, window);
    return;
  }

  function keep(best: BestSequences, rank: Rank, window: Window): void {
    if (best.accepts(rank)) best.add({ ...rank, sequence: cut(codes, firings, window) });
  }
}

function indexOfLargest(values: readonly number[]): number {
  let largest = 0;
  for (let at = 1; at < values.length; at++) if (values[at] > values[largest]) largest = at;
  return largest;
}

function strengthIn({ rows, values }: Firings, { start, end }: Window): number {
  let strength = 0;
  for (let at = 0; at < rows.length; at++) {
    if (rows[at] >= start && rows[at] < end && values[at] > strength) strength = values[at];
  }
  return strength;
}

function cut(
  { context, ids, positions }: ContextCodes,
  { rows, values }: Firings,
  { start, end }: Window,
): TokenSequence {
  const activations = new Array<number>(end - start).fill(0);
  rows.forEach((row, at) => {
    if (row >= start && row < end) activations[row - start] = values[at];
  });
  return {
    id: `${context}:${positions[start]}`,
    ids: Array.from(activations, (_, at) => ids[positions[start + at]]),
    activations,
  };
}

function finished(
  { strongest, inactiveExamples, activating, inactive }: Collection,
  judged: number,
): CollectedSequences {
  const count = Math.min(judged, activating.items.length, inactive.items.length);
  const sequences = (items: readonly Kept[]) => items.map(({ sequence }) => sequence);
  return {
    examples: { activating: sequences(strongest.items), inactive: sequences(inactiveExamples.items) },
    judged: {
      activating: sequences(acrossStrengths(activating.items, count)),
      inactive: sequences(inactive.items.slice(0, count)),
    },
  };
}
