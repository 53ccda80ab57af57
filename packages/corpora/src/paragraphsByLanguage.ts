import { declarationIn, declarationLanguages, declarationOrigin, paragraphsOf } from "./declarations.js";
import type { LabelledTexts } from "./labelledTexts.js";

/** Languages that are no part of the corpus, most of them in scripts that are none of it either. */
const furtherLanguages: Readonly<Record<string, string>> = {
  vie: "Vietnamese",
  ukr: "Ukrainian",
  bul: "Bulgarian",
  arb: "Arabic",
  pes_1: "Persian",
  heb: "Hebrew",
  hin: "Hindi",
  ben: "Bengali",
  tam: "Tamil",
  kat: "Georgian",
  hye: "Armenian",
  tha: "Thai",
  kor: "Korean",
  jpn: "Japanese",
  cmn_hans: "Chinese",
};

/** A shorter text may be but a number or a date. */
const shortest = 20;

/**
 * Paragraphs of the Universal Declaration of Human Rights with their language: the 21 of the corpus (Latin, Cyrillic and Greek letters) and 15 more, which
 * bring eleven further scripts. The same sentences in every language: nothing but the language tells them apart.
 */
export const paragraphsByLanguage = (): LabelledTexts => ({
  origins: [declarationOrigin],
  texts: Object.entries({ ...declarationLanguages, ...furtherLanguages }).flatMap(([code, language]) =>
    paragraphsOf(declarationIn(code), "paragraphs").flatMap((text, i) =>
      text.length < shortest ? [] : [{ text, label: language, document: `${code}/${i}` }],
    ),
  ),
});
