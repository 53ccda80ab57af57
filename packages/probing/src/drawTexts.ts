import { fold, type Key } from "@sae/core";
import { documentSides, documentsOf, isOfficial, type Side, shuffledDocuments } from "./documentSides.js";
import type { LabelledText, ProbingClass, ProbingDataset } from "./probingDataset.js";
import { shuffled } from "./shuffled.js";
import { balanced, balanceNote, type DividedStratum, type Stratum, strataOf } from "./strata.js";

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
    /** They have no stratum, and others of their class have one. */
    readonly noStratum: number;
    /** Officially they are to train, but their document is in the test. */
    readonly otherSide: number;
  };
  /** What a reader should know: classes that are left out or smaller than asked for. */
  readonly messages: readonly string[];
}

/**
 * Chooses training and test texts of each class of a data set.
 *
 * No text is chosen twice, where texts are the same when `reading` is: what the model reads, truncated as it will be, so that nothing it has been
 * trained on is in the test. Texts of one document are on one side, whatever their classes. Where the data has an official split, it is kept; otherwise a
 * keyed shuffle of the documents splits them in the proportion of the sizes, see `documentSides`. A class with too few texts has the same proportion of
 * less. Of each stratum of a class there are equally many.
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
  const { ofClass, counts } = usableTexts(dataset, texts, reading);
  const found = [...ofClass].map(([name, members]) => ({
    name,
    ...strataOf(texts, members, fold(key, dataset.name, name)),
  }));
  const groups = found.filter((one) => sizeOf(one) >= sizes.least).flatMap(({ strata }) => strata);
  const sideOf = documentSides(texts, groups, sizes.test / (sizes.train + sizes.test));
  const messages: string[] = [];
  const classes: DrawnClass[] = [];
  for (const one of found) {
    const { name, without } = one;
    const what = `${dataset.name}: class ${name}`;
    if (without > 0)
      messages.push(`${what} has ${without} texts without a stratum, others have one; they are left out`);
    const strata = one.strata.map((stratum) => divided(texts, stratum, sideOf));
    const { train, test } = balanced(strata, sizes);
    const reason = balanceNote(strata, sizes);
    const total = train.length + test.length;
    if (total < sizes.least || train.length === 0 || test.length === 0) {
      const sides =
        total < sizes.least ? "" : ` with some on both sides (${train.length} to train, ${test.length} to test)`;
      messages.push(
        `${what} needs at least ${sizes.least} texts${sides}, there are ${sizeOf(one)}${reason}; it is left out`,
      );
      continue;
    }
    if (train.length < sizes.train || test.length < sizes.test) {
      messages.push(
        `${what} has ${train.length} texts to train and ${test.length} to test, ${sizes.train} and ${sizes.test} were asked for${reason}`,
      );
    }
    classes.push({ name, train, test });
  }
  const noStratum = found.reduce((sum, { without }) => sum + without, 0);
  const otherSide = groups
    .flatMap(({ members }) => members)
    .filter((i) => texts[i].split === "train" && sideOf(i) === "test").length;
  return { classes, counts: { ...counts, noStratum, otherSide }, messages };
}

const sizeOf = ({ strata }: { readonly strata: readonly Stratum[] }): number =>
  strata.reduce((sum, { members }) => sum + members.length, 0);

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

/** The two sides of a stratum. */
function divided(texts: readonly LabelledText[], stratum: Stratum, sideOf: (i: number) => Side): DividedStratum {
  const { name, members, key } = stratum;
  const official = isOfficial(texts, stratum);
  const ordered = official ? members : shuffledDocuments(texts, stratum).flatMap(([, own]) => own);
  const on = (side: Side): number[] => {
    const own = ordered.filter((i) => sideOf(i) === side && (!official || texts[i].split === side));
    return spread(texts, own, fold(key, side));
  };
  return { name, train: on("train"), test: on("test") };
}

/** In a keyed order in which every document gives a text before one gives its second. */
function spread(texts: readonly LabelledText[], members: readonly number[], key: Key): number[] {
  const documents = [...documentsOf(texts, shuffled(members, key)).values()];
  const rounds = Math.max(0, ...documents.map(({ length }) => length));
  return Array.from({ length: rounds }, (_, round) =>
    documents.flatMap((document) => (round < document.length ? [document[round]] : [])),
  ).flat();
}
