import type { Origin } from "./corpusSource.js";

/** A text that something is known about. */
export interface LabelledText {
  readonly text: string;
  readonly label: string;
  /** What it was taken from. Texts of one document are alike: in a split for a probe they belong on one side. */
  readonly document: string;
}

/** Raw material for a probing task: texts in a fixed order, with their labels. */
export interface LabelledTexts {
  readonly origins: readonly Origin[];
  readonly texts: readonly LabelledText[];
}
