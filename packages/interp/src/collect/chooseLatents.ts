import type { CollectOptions } from "./collectOptions.js";
import type { ContextCodes } from "./contextCodes.js";
import type { Draws } from "./draws.js";

/** How often each latent is active. */
export interface LatentCensus {
  /** Tokens with activations. */
  readonly tokens: number;
  /** Tokens on which each latent is active [dSae]. */
  readonly firings: Float64Array;
  /** Contexts in which it is active, of those to explain with and of those to judge on [dSae]. */
  readonly trainingContexts: Float64Array;
  readonly testContexts: Float64Array;
}

/** What became of the latents of an SAE: `dead + rare + fitting` is all of them. */
export interface LatentCounts {
  readonly dSae: number;
  /** Fire on a smaller share of the tokens than `deadBelow`, or never. */
  readonly dead: number;
  /** Others that fire in too few contexts to be explained and judged. */
  readonly rare: number;
  readonly fitting: number;
  /** Drawn of those that fit. */
  readonly drawn: number;
  /** Drawn, but left out because there are too few sequences in which they are inactive. */
  readonly dense: number;
}

/** Counts the activations of every latent: the first pass over the contexts. */
export async function countLatents(
  contexts: AsyncIterable<ContextCodes>,
  dSae: number,
  isTraining: Draws["isTraining"],
): Promise<LatentCensus> {
  let tokens = 0;
  let seen = 0;
  const firings = new Float64Array(dSae);
  const [trainingContexts, testContexts] = [new Float64Array(dSae), new Float64Array(dSae)];
  const lastSeen = new Float64Array(dSae); // the context, counted from 1, in which a latent was active last
  for await (const { context, positions, latents, values } of contexts) {
    tokens += positions.length;
    seen++;
    const counted = isTraining(context) ? trainingContexts : testContexts;
    for (let entry = 0; entry < latents.length; entry++) {
      if (!(values[entry] > 0)) continue;
      const latent = latents[entry];
      firings[latent]++;
      if (lastSeen[latent] === seen) continue;
      lastSeen[latent] = seen;
      counted[latent]++;
    }
  }
  return { tokens, firings, trainingContexts, testContexts };
}

/** Draws latents of those that can be explained and judged. */
export function chooseLatents(
  { tokens, firings, trainingContexts, testContexts }: LatentCensus,
  { orderOfLatent }: Pick<Draws, "orderOfLatent">,
  { deadBelow, fewestExamples, fewestJudged, latents }: CollectOptions,
): { readonly latents: number[]; readonly counts: Omit<LatentCounts, "dense"> } {
  const all = Array.from(firings.keys());
  const alive = all.filter((latent) => firings[latent] > 0 && firings[latent] >= deadBelow * tokens);
  const fitting = alive.filter(
    (latent) => trainingContexts[latent] >= fewestExamples && testContexts[latent] >= fewestJudged,
  );
  const order = new Map(fitting.map((latent) => [latent, orderOfLatent(latent)]));
  const drawn = [...order].sort(([a, first], [b, second]) => first - second || a - b).slice(0, latents);
  return {
    latents: drawn.map(([latent]) => latent).sort((a, b) => a - b),
    counts: {
      dSae: firings.length,
      dead: firings.length - alive.length,
      rare: alive.length - fitting.length,
      fitting: fitting.length,
      drawn: drawn.length,
    },
  };
}
