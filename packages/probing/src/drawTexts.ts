import { fold, type Key, keyedPermutation } from "@sae/core";
import type { LabelledText, ProbingClass, ProbingDataset } from "./probingDataset.js";

/** How many texts are wanted of each class. */
export interface ProbingSizes {
  /** Texts of a class to train on. */
  readonly train: number;
  /** Texts of a class to test on. */
  readonly test: number;
  /** A class with fewer texts than this in all is left out. */
  readonly least: number;
}

/** Sizes of SAEBench and of arXiv 2602.14111: 4000 training and 1000 test texts a task, half of them positives. */
export const paperSizes: ProbingSizes = { train: 2000, test: 500, least: 10 };

/** The texts of a class, by number. */
export interface DrawnClass {
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** What was chosen of a data set. */
export interface DrawnTexts {
  /** Classes that have enough texts. */
  readonly classes: readonly DrawnClass[];
  /** Of all texts read: how many were left out, and why. */
  readonly counts: {
    readonly read: number;
    /** Their label is of no class. */
    readonly otherLabel: number;
    /** The model reads no token of them. */
    readonly empty: number;
    /** The model reads in them what it reads in an earlier text of the class. */
    readonly duplicates: number;
    /** The model reads the same in texts of different classes. */
    readonly ambiguous: number;
  };
  /** What a reader should know: classes that are left out or smaller than asked for. */
  readonly messages: readonly string[];
}

/**
 * Chooses training and test texts of each class of a data set.
 *
 * No text is chosen twice, where texts are the same when `reading` is: what the model reads, truncated as it will be, so that nothing it has been
 * trained on is in the test. Texts of one document are on one side. Where the data has an official split, it is kept; otherwise a keyed shuffle of the
 * documents splits them in the proportion of the sizes. A class with too few texts has the same proportion of less.
 *
 * @param reading - of each text what the model reads, as a key; null when it reads nothing
 */
export function drawTexts(
  dataset: Pick<ProbingDataset, "name" | "classes">,
  texts: readonly LabelledText[],
  reading: readonly (string | null)[],
  sizes: ProbingSizes,
  key: Key,
): DrawnTexts {
  const messages: string[] = [];
  const { ofClass, counts } = usableTexts(dataset, texts, reading);
  const classes: DrawnClass[] = [];
  for (const [name, found] of ofClass) {
    const { train, test } = sidesOf(texts, found, sizes, fold(key, dataset.name, name));
    const total = train.length + test.length;
    if (total < sizes.least || train.length === 0 || test.length === 0) {
      const sides =
        total < sizes.least ? "" : ` with some on both sides (${train.length} to train, ${test.length} to test)`;
      messages.push(
        `${dataset.name}: class ${name} needs at least ${sizes.least} texts${sides}, there are ${found.length}; it is left out`,
      );
      continue;
    }
    if (train.length < sizes.train || test.length < sizes.test) {
      messages.push(
        `${dataset.name}: class ${name} has ${train.length} texts to train and ${test.length} to test, ${sizes.train} and ${sizes.test} were asked for`,
      );
    }
    classes.push({ name, train, test });
  }
  return { classes, counts, messages };
}

/** Numbers of the texts that each class can use, in the order of the data. */
function usableTexts(
  { classes }: Pick<ProbingDataset, "classes">,
  texts: readonly LabelledText[],
  reading: readonly (string | null)[],
) {
  const known: readonly ProbingClass[] =
    classes ?? [...new Set(texts.map(({ label }) => label))].sort().map((name) => ({ name }));
  const nameOf = new Map(known.flatMap(({ name, labels = [name] }) => labels.map((label) => [label, name] as const)));
  const classesOf = new Map<string, Set<string>>(); // of what is read
  texts.forEach(({ label }, i) => {
    const name = nameOf.get(label);
    const read = reading[i];
    if (name === undefined || read === null) return;
    const names = classesOf.get(read) ?? new Set();
    classesOf.set(read, names.add(name));
  });
  const ofClass = new Map(known.map(({ name }) => [name, [] as number[]]));
  const counts = { read: texts.length, otherLabel: 0, empty: 0, duplicates: 0, ambiguous: 0 };
  const seen = new Set<string>();
  texts.forEach(({ label }, i) => {
    const name = nameOf.get(label);
    const read = reading[i];
    if (name === undefined) counts.otherLabel++;
    else if (read === null) counts.empty++;
    else if ((classesOf.get(read)?.size ?? 0) > 1) counts.ambiguous++;
    else if (seen.has(read)) counts.duplicates++;
    else {
      seen.add(read);
      ofClass.get(name)?.push(i);
    }
  });
  return { ofClass, counts };
}

/** The two sides of a class, with equally many texts of each stratum. */
function sidesOf(texts: readonly LabelledText[], found: readonly number[], sizes: ProbingSizes, key: Key) {
  const strata = groupBy(found, (i) => texts[i].stratum ?? "");
  const sides = [...strata]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([stratum, members]) => {
      const own = fold(key, stratum);
      const official = members.some((i) => texts[i].split !== undefined);
      return official
        ? {
            train: spread(
              texts,
              members.filter((i) => texts[i].split === "train"),
              fold(own, "train"),
            ),
            test: spread(
              texts,
              members.filter((i) => texts[i].split === "test"),
              fold(own, "test"),
            ),
          }
        : split(texts, members, sizes, own);
    });
  const balanced = (side: "train" | "test"): number[] => {
    const lists = sides.map((stratum) => stratum[side]);
    const each = Math.min(Math.floor(sizes[side] / Math.max(1, lists.length)), ...lists.map(({ length }) => length));
    return lists.flatMap((list) => list.slice(0, each));
  };
  return { train: balanced("train"), test: balanced("test") };
}

/** Documents of a stratum in two parts, as the sizes are to each other, and each part in its order of use. */
function split(texts: readonly LabelledText[], members: readonly number[], sizes: ProbingSizes, key: Key) {
  const documents = [...groupBy(members, (i) => texts[i].document ?? `text ${i}`).values()];
  const place = keyedPermutation(fold(key, "split"), documents.length);
  const share = sizes.test / (sizes.train + sizes.test);
  const tests =
    documents.length < 2 ? 0 : Math.max(1, Math.min(documents.length - 1, Math.round(documents.length * share)));
  const shuffled = documents.map((_, i) => documents[place(i)]);
  return {
    train: spread(texts, shuffled.slice(tests).flat(), fold(key, "train")),
    test: spread(texts, shuffled.slice(0, tests).flat(), fold(key, "test")),
  };
}

/** In a keyed order in which every document gives a text before one gives its second. */
function spread(texts: readonly LabelledText[], members: readonly number[], key: Key): number[] {
  const place = keyedPermutation(key, members.length);
  const shuffled = members.map((_, i) => members[place(i)]);
  const documents = [...groupBy(shuffled, (i) => texts[i].document ?? `text ${i}`).values()];
  const rounds = Math.max(0, ...documents.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    documents.flatMap((document) => (round < document.length ? [document[round]] : [])),
  ).flat();
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
