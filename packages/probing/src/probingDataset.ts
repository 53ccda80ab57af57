import type { TableSource } from "./tableSource.js";

/** What kind of thing the classes of a data set are: the five concept families of arXiv 2602.14111, and what is none of them. */
export type ConceptFamily =
  | "profession"
  | "product category"
  | "sentiment"
  | "language"
  | "programming language"
  | "news topic"
  | "other";

/** A text with the class it belongs to. */
export interface LabelledText {
  readonly text: string;
  /** As the data has it; {@link ProbingClass} gives it a name. */
  readonly label: string;
  /**
   * What it was cut from: texts of one document are alike, and stay together on one side, training or test, whatever their labels. Default, also when
   * empty: each is its own.
   */
  readonly document?: string | undefined;
  /** On which side it has to be, where the data says so. */
  readonly split?: "train" | "test" | undefined;
  /**
   * A further property that is to be balanced within each class, such as the gender of the person. Texts without one, or with an empty one, are left out
   * where others of the class have one.
   */
  readonly stratum?: string | undefined;
}

/** A class of a data set. */
export interface ProbingClass {
  /** For readers, and in the ids of tasks. */
  readonly name: string;
  /** Labels of its texts. Default: its name. */
  readonly labels?: readonly string[];
}

/** Texts of several classes, from which tasks are made. */
export interface ProbingDataset {
  /** In ids and in options: `ag_news`. */
  readonly name: string;
  readonly title: string;
  readonly family: ConceptFamily;
  /** Where it comes from: paper, hub id, licence. */
  readonly source: string;
  /** Where the rows are: files below the folder of data, or a function that returns them. */
  readonly texts: TableSource | (() => Iterable<LabelledText> | Promise<Iterable<LabelledText>>);
  /** Its classes; texts with other labels are left out. Default: every label there is, in alphabetical order. */
  readonly classes?: readonly ProbingClass[];
  /** Classes that are asked for, one task each. Default all. Of two classes one is enough: the other is the same question. */
  readonly positives?: readonly string[];
  /** What a reader has to know. */
  readonly notes?: string;
}

/** Checks the types of a declaration, and returns it. */
export const defineProbingDataset = (dataset: ProbingDataset): ProbingDataset => dataset;
