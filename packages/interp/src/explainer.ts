/** A stretch of text as a judge sees it: tokens without activations. */
export interface JudgedSequence {
  /** Says where the text stands, never whether a latent is active in it. */
  readonly id: string;
  /** Text of each token. */
  readonly tokens: readonly string[];
  /** The tokenizer's number of each token. */
  readonly ids: readonly number[];
}

/** A stretch of text with one latent's activation at every token. */
export interface Sequence extends JudgedSequence {
  readonly activations: readonly number[];
}

/** What an explainer sees of a latent: sequences of training contexts. */
export interface LatentExamples {
  readonly latent: number;
  /** Sequences in which the latent is active, strongest first, from different contexts. */
  readonly activating: readonly Sequence[];
  /** Sequences in which it is exactly 0 at every token, for explainers that use them. */
  readonly inactive: readonly Sequence[];
}

/** One latent's description. */
export interface Explanation {
  readonly latent: number;
  readonly text: string;
  /** JSON, for explainers whose explanation is more than text; a judge of another kind reads the text alone. */
  readonly data?: unknown;
}

/** Describes a latent from examples. */
export interface Explainer {
  /** Name in reports: scores of different explainers are different scores. */
  readonly name: string;
  /** A description of what the examples have in common. */
  explain(examples: LatentExamples): Promise<Explanation>;
}

/** Predicts from a description where a latent is active. It never sees activations. */
export interface Judge {
  readonly name: string;
  /** For each sequence, in order, whether the latent is active somewhere in it; null where the answer could not be read. */
  judge(explanation: Explanation, sequences: readonly JudgedSequence[]): Promise<readonly (boolean | null)[]>;
}
