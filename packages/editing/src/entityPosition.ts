import type { Encoding } from "@sae/models";

/** Why a prompt has no position to edit at. */
export type Misfit = "merged" | "noToken";

/**
 * The last token that stands for characters of the entity at [start, end) of a text, by the offsets that the tokenizer gives.
 *
 * @returns "merged" when that token stands for characters after the entity as well, so that an edit there would change the template too; "noToken" when
 *   no token stands for the entity
 */
export function entityPosition({ offsets }: Encoding, start: number, end: number): number | Misfit {
  for (let position = offsets.length - 1; position >= 0; position--) {
    const [from, to] = offsets[position] as readonly [number, number];
    if (from < end && to > start) return to > end ? "merged" : position;
  }
  return "noToken";
}
