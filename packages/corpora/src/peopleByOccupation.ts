import type { LabelledTexts } from "./labelledTexts.js";
import { dictionaryEntry } from "./wordnet.js";
import { type WordnetNoun, wordnetNouns, wordnetOrigin } from "./wordnetNouns.js";

/**
 * People with what they were: WordNet's entries of persons, each labelled with the one thing that WordNet calls it an instance of (`physicist`,
 * `poet`, `king`). Whoever was several things is left out, and so are gods and figures of fiction.
 *
 * The gloss mostly says the occupation itself ("French chemist (born in Poland)…"): whoever reads the text can know it.
 */
export function peopleByOccupation(): LabelledTexts {
  const nouns = wordnetNouns();
  const byId = new Map(nouns.map((noun) => [noun.id, noun]));
  const isPerson = ({ className, words, kindOf }: WordnetNoun): boolean =>
    (className === "Tops" && words[0] === "person") || kindOf.some((id) => isPerson(byId.get(id) as WordnetNoun));
  return {
    origins: [wordnetOrigin],
    texts: nouns
      .filter(({ className, instanceOf }) => className === "person" && instanceOf.length === 1)
      .flatMap((noun) => {
        const occupation = byId.get(noun.instanceOf[0] as string) as WordnetNoun;
        if (!isPerson(occupation)) return [];
        return [{ text: dictionaryEntry(noun), label: occupation.words[0] as string, document: noun.id }];
      }),
  };
}
