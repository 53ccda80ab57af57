import type { CorpusSource } from "./corpusSource.js";
import type { LabelledTexts } from "./labelledTexts.js";
import { passages } from "./passages.js";

/**
 * The documents of a source in passages.
 *
 * @param field what of a document is the label
 * @param longest characters of a passage
 */
export const labelledPassages = (
  { origins, documents }: CorpusSource,
  field: string,
  longest: number,
): LabelledTexts => ({
  origins,
  texts: documents().flatMap(({ id, text, fields }) =>
    passages(text, longest).map((passage) => ({ text: passage, label: fields?.[field] as string, document: id })),
  ),
});
