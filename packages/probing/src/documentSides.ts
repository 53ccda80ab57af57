import { fold, type Key } from "@sae/core";
import { groupBy } from "./groupBy.js";
import type { LabelledText } from "./probingDataset.js";
import { shuffled } from "./shuffled.js";

/** Where a text is used. */
export type Side = "train" | "test";

/** Texts that are to be divided in the proportion of the sizes, by number: those of a class, or of a stratum of it. */
export interface TextGroup {
  readonly members: readonly number[];
  readonly key: Key;
}

/** Texts of a group by the documents they were cut from, in the order in which texts come first. A text without a document is one by itself. */
export const documentsOf = (texts: readonly LabelledText[], members: readonly number[]): Map<string, number[]> =>
  groupBy(members, (i) => documentOf(texts, i));

const documentOf = (texts: readonly LabelledText[], i: number): string =>
  texts[i].document ? `document ${texts[i].document}` : `text ${i}`;

/** Whether the data itself divides a group. */
export const isOfficial = (texts: readonly LabelledText[], { members }: TextGroup): boolean =>
  members.some((i) => texts[i].split !== undefined);

/** Documents of a group in the order in which they go to the test. */
export const shuffledDocuments = (texts: readonly LabelledText[], { members, key }: TextGroup) =>
  shuffled([...documentsOf(texts, members)], fold(key, "split"));

/**
 * The side of each document, one for all groups that have texts of it.
 *
 * A document of which the data has texts in its official test is there, so that its other texts train nothing. In groups without an official split a
 * keyed shuffle takes as many documents to the test as the sizes say, at least one on each side; those whose side is known already count. Small groups
 * choose first: a large one can do with what they leave.
 *
 * @param share - of the documents that go to the test
 * @returns of a text by number its side; training where nothing decides
 */
export function documentSides(
  texts: readonly LabelledText[],
  groups: readonly TextGroup[],
  share: number,
): (i: number) => Side {
  const sides = new Map<string, Side>();
  for (const i of groups.flatMap(({ members }) => members)) {
    const { split } = texts[i];
    if (split === "test" || (split && !sides.has(documentOf(texts, i)))) sides.set(documentOf(texts, i), split);
  }
  const undivided = groups
    .filter((group) => !isOfficial(texts, group))
    .map((group) => shuffledDocuments(texts, group).map(([document]) => document))
    .filter(({ length }) => length > 1) // one alone is no reason for either side
    .sort((a, b) => a.length - b.length);
  for (const documents of undivided) {
    const wanted = Math.max(1, Math.min(documents.length - 1, Math.round(documents.length * share)));
    const missing = wanted - documents.filter((document) => sides.get(document) === "test").length;
    const free = documents.filter((document) => !sides.has(document));
    for (const [at, document] of free.entries()) sides.set(document, at < missing ? "test" : "train");
  }
  return (i) => sides.get(documentOf(texts, i)) ?? "train";
}
