import type { CorpusSource } from "./corpusSource.js";
import { type WordnetNoun, wordnetNouns, wordnetOrigin } from "./wordnetNouns.js";

/** A meaning as an entry of a dictionary. */
export function dictionaryEntry({ words: [head, ...others], gloss }: WordnetNoun): string {
  const synonyms = others.length > 0 ? ` (${others.join(", ")})` : "";
  return `${head}${synonyms}: ${gloss}`;
}

/** Meanings of nouns with their glosses: things in 26 classes, among them people with what they did. */
export const wordnet: CorpusSource = {
  name: "wordnet",
  origins: [wordnetOrigin],
  documents: () =>
    wordnetNouns().map((noun) => ({ id: noun.id, text: dictionaryEntry(noun), fields: { class: noun.className } })),
};
