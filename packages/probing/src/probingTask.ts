/** Texts by number with their answers. */
export interface LabelledRows {
  readonly rows: Int32Array;
  /** 1 for positives, 0 for negatives. */
  readonly labels: Uint8Array;
}

/** A question with the answer yes or no about texts: is this about World? Half of the training texts and half of the test texts are positives. */
export interface ProbingTask {
  /** `ag_news/World`: the data set, and the class of its positives. */
  readonly id: string;
  /** The data set, in whose group scores are averaged. */
  readonly dataset: string;
  /** The same for tasks that ask the same, `amazon_sentiment/one star or five stars`: they are one unit of a score. Default: the id. */
  readonly question?: string;
  readonly train: LabelledRows;
  readonly test: LabelledRows;
}
