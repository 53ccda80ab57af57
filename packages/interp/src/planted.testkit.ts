import { fold, key, sequence } from "@sae/core";
import type { LatentActivations } from "./collect/collectLatents.js";
import type { ContextCodes } from "./collect/contextCodes.js";

/** Text of each token; token 0 begins a text and has no activations. */
const words = ["<s>", " red", " Red", " fox", " ran", " over", " the", " hill", " and", " then", " slept", "."];
export const tokenText = (id: number): string => words[id];

/** A latent that is planted: its activation at a position of a context, 0 where it is inactive. */
export type Planted = (texts: readonly string[], position: number, draw: () => number) => number;

/** Strengths from 1 to 2. */
const some = (draw: () => number): number => 1 + draw() * 2 ** -32;

/** Latents whose score is known. */
export const planted = {
  onFox: (texts, at, draw) => (texts[at] === " fox" ? some(draw) : 0),
  onFoxAfterRed: (texts, at, draw) => (texts[at] === " fox" && texts[at - 1] === " red" ? some(draw) : 0),
  onEverything: (_texts, _at, draw) => some(draw),
  never: () => 0,
  anywhere: (_texts, _at, draw) => (draw() < 0.05 * 2 ** 32 ? some(draw) : 0),
} satisfies Record<string, Planted>;

/** Contexts of random words; every ninth begins in the middle of one, too. */
export function plantedActivations(
  latents: readonly Planted[],
  { contexts = 300, length = 40, seed = 0 }: { contexts?: number; length?: number; seed?: number } = {},
): LatentActivations & { readonly all: readonly ContextCodes[] } {
  const all = Array.from({ length: contexts }, (_, context): ContextCodes => {
    const draw = sequence(fold(key(seed), "planted", context));
    const isStart = (at: number) => at === 0 || (context % 9 === 4 && at === Math.floor(length / 3));
    const ids = Int32Array.from({ length }, (_, at) => (isStart(at) ? 0 : 1 + (draw() % (words.length - 1))));
    const texts = Array.from(ids, tokenText);
    const positions = Array.from(ids.keys()).filter((at) => ids[at] !== 0);
    const entries = positions.flatMap((position, row) =>
      latents.flatMap((value, latent) => {
        const own = sequence(fold(key(seed), "value", context, position, latent));
        return [{ row, latent, value: value(texts, position, own) }].filter(({ value }) => value > 0);
      }),
    );
    return {
      context,
      ids,
      positions,
      rows: entries.map(({ row }) => row),
      latents: entries.map(({ latent }) => latent),
      values: entries.map(({ value }) => value),
    };
  });
  return {
    all,
    dSae: latents.length,
    tokenText,
    contexts: async function* () {
      yield* all;
    },
  };
}
