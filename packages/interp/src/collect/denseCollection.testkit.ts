import { acrossStrengths } from "./acrossStrengths.js";
import type { CollectOptions } from "./collectOptions.js";
import { CANDIDATES, type CollectedSequences, type TokenSequence, TRIES } from "./collectSequences.js";
import type { ContextCodes } from "./contextCodes.js";
import { below, drawsOf } from "./draws.js";

interface Found {
  readonly context: number;
  readonly priority: number;
  readonly strength: number;
  readonly sequence: TokenSequence;
}

/** What is collected of one latent, with everything in memory: each context as a dense row of activations, all sequences in lists that are sorted. */
export function denseCollection(
  contexts: readonly ContextCodes[],
  latent: number,
  options: CollectOptions,
): CollectedSequences {
  const draws = drawsOf(options.seed, options.trainingShare);
  const lists: Record<"strongest" | "activating" | "inactiveExamples" | "inactive", Found[]> = {
    strongest: [],
    activating: [],
    inactiveExamples: [],
    inactive: [],
  };
  for (const { context, ids, positions, rows, latents, values } of contexts) {
    if (positions.length === 0) continue;
    const training = draws.isTraining(context);
    const dense = new Array<number>(positions.length).fill(0);
    Array.from(rows).forEach((row, entry) => {
      if (latents[entry] === latent) dense[row] = values[entry];
    });
    const draw = draws.ofLatent(latent)(context);
    const [priority, chosen] = [draw(), draw()];
    const rowsAround = (row: number): number[] => {
      const run = [row];
      while (positions[run[0] - 1] === positions[run[0]] - 1) run.unshift(run[0] - 1);
      while (positions[run[run.length - 1] + 1] === positions[run[run.length - 1]] + 1)
        run.push(run[run.length - 1] + 1);
      const before = Math.floor(options.window / 2);
      const start = Math.max(0, Math.min(run.indexOf(row) - before, run.length - options.window));
      return run.slice(start, start + options.window);
    };
    const found = (window: readonly number[]): Found => ({
      context,
      priority,
      strength: Math.max(...window.map((row) => dense[row])),
      sequence: {
        id: `${context}:${positions[window[0]]}`,
        ids: window.map((row) => ids[positions[row]]),
        activations: window.map((row) => dense[row]),
      },
    });
    const firing = dense.flatMap((value, row) => (value > 0 ? [row] : []));
    const row = training ? dense.indexOf(Math.max(...dense)) : firing[below(firing.length, chosen)];
    const active = firing.length > 0 ? rowsAround(row) : [];
    if (active.length > 0) lists[training ? "strongest" : "activating"].push(found(active));
    for (let tries = 0; tries < TRIES; tries++) {
      const window = rowsAround(below(positions.length, draw()));
      if (window.some((row) => active.includes(row) || dense[row] > 0)) continue;
      lists[training ? "inactiveExamples" : "inactive"].push(found(window));
      break;
    }
  }
  const byPriority = (a: Found, b: Found) => a.priority - b.priority || a.context - b.context;
  const first = (list: Found[], count: number) => list.sort(byPriority).slice(0, count);
  const activating = first(lists.activating, CANDIDATES * options.judged);
  const inactive = first(lists.inactive, options.judged);
  const count = Math.min(options.judged, activating.length, inactive.length);
  const sequences = (list: readonly Found[]) => list.map(({ sequence }) => sequence);
  return {
    examples: {
      activating: sequences(
        first(lists.strongest, Number.POSITIVE_INFINITY).sort((a, b) => b.strength - a.strength),
      ).slice(0, options.examples),
      inactive: sequences(first(lists.inactiveExamples, options.inactiveExamples)),
    },
    judged: {
      activating: sequences(acrossStrengths(activating, count)),
      inactive: sequences(inactive.slice(0, count)),
    },
  };
}
