import { fold, key, keyedPermutation } from "@sae/core";
import type { TextDocument } from "@sae/models";
import type { CorpusRecipe } from "./embeddedCorpus.js";

/** Documents of one source: those to learn from and those to measure with, each in a shuffled order that is always the same. */
export interface SplitTexts {
  readonly name: string;
  readonly train: readonly TextDocument[];
  readonly heldOut: readonly TextDocument[];
}

/** Shuffles the documents of a source by a stream of its name and sets the first of them aside. */
export function splitTexts(
  name: string,
  documents: readonly TextDocument[],
  { heldOut, seed }: Pick<CorpusRecipe, "heldOut" | "seed">,
): SplitTexts {
  const place = keyedPermutation(fold(key(seed), "split", name), documents.length);
  const shuffled = documents.map((_, i) => documents[place(i)] as TextDocument);
  const aside = Math.floor(documents.length * heldOut);
  return { name, train: shuffled.slice(aside), heldOut: shuffled.slice(0, aside) };
}
