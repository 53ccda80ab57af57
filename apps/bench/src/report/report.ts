import type { Interval } from "@sae/metrics";
import type { Figure } from "../figures/figure.js";

/** A report before it has a form: HTML, Markdown and terminal print the same numbers. */
export interface Report {
  readonly title: string;
  /** Paragraphs under the title. */
  readonly summary?: readonly string[];
  /** What the study found, most important first; stands before everything else. */
  readonly verdicts?: readonly ReportVerdict[];
  readonly sections: readonly ReportSection[];
  /** Jobs without a result, and why. */
  readonly failed?: readonly ReportFailure[];
  /** The command that makes the report again. */
  readonly command?: string;
  /** What it takes to make the report again: versions, seeds, hashes, machine. */
  readonly provenance: Readonly<Record<string, string | number>>;
}

/**
 * Whether training beats the strongest random baseline in one metric. It *beats* it when the whole interval of the difference lies on the better side of
 * 0, *does not* when the whole interval lies on the worse side of the smallest effect of interest, and one *cannot tell* with this much data when neither is
 * so, or there is no interval.
 */
export interface ReportVerdict {
  /** Name of the metric: "Sparse probing, top-1". */
  readonly metric: string;
  /** What was compared: "BatchTopK, L0 32", or all of that. */
  readonly scope: string;
  /** Set where it is about all architectures and targets of the study together. */
  readonly isOverall?: boolean;
  readonly verdict: "beats" | "does-not" | "cannot-tell";
  /** Set where it beats the baselines by less than the smallest effect. */
  readonly isSmall?: boolean;
  /** Fully trained minus opponent, in units of the metric. */
  readonly difference: Interval;
  /** Seeds that all sides of the comparison have. */
  readonly seeds: number;
  /** Tasks, pairs, latents or the like behind a score, of the side that has fewest. */
  readonly units: number;
  /** The strongest random baseline: "Soft-frozen decoder, iso". */
  readonly opponent: string;
  /** Random baselines that were left out, each with the reason: "Frozen decoder, cov (no result)". */
  readonly missing?: readonly string[];
  /** Seeds that were left out of all scores here, because not everybody has one of them. */
  readonly lostSeeds?: readonly number[];
  /** What the two sides score, in units of the metric; of several comparisons the means. */
  readonly scores: { readonly trained: number; readonly opponent: number };
  /** L0 that the two sides reached under the rule for use, where both are known; of one comparison only. */
  readonly reachedL0?: { readonly trained: number; readonly opponent: number };
  /** A smaller difference is of no interest to anybody; in units of the metric, above 0. */
  readonly smallestEffect: number;
  readonly lessIsBetter: boolean;
  /** What chance, or doing nothing, scores; null where there is no such thing. */
  readonly floor: { readonly label: string; readonly value: number } | null;
  /** Formula or protocol of the metric in a sentence or two. */
  readonly definition: string;
}

/** A job without a result. */
export interface ReportFailure {
  readonly title: string;
  /** Code of the error, or `"not_started"` when something that the job needs failed. */
  readonly code: string;
  readonly message: string;
}

/** A part of a report. Prose is paragraphs of plain text in which `**strong**` and `` `code` `` are marked up. */
export interface ReportSection {
  readonly heading: string;
  readonly prose?: readonly string[];
  readonly tables?: readonly ReportTable[];
  readonly figures?: readonly ReportFigure[];
  readonly contexts?: readonly ReportContexts[];
}

/** A table; the first cell of a row is its heading. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly ReportColumn[];
  /** One cell for each column. */
  readonly rows: readonly (readonly ReportCell[])[];
  /** Small print below the table. */
  readonly note?: string;
  /** So many rows at the end hold numbers that were not measured here, as their headings say. */
  readonly quotedRows?: number;
}

/** A column of a table. */
export interface ReportColumn {
  /** Heading, with the unit if there is one. */
  readonly label: string;
  /** Digits after the point; without it whole numbers print whole and others with 3. */
  readonly digits?: number;
  /** Formula or protocol of the numbers in a sentence or two. */
  readonly definition?: string;
  /** Whose numbers these are, when they were not measured here: "arXiv 2602.14111, Gemma-2-2B layer 12". */
  readonly quotedFrom?: string;
}

/** Text, a number, a mean with its interval, or nothing. */
export type ReportCell = string | number | Interval | null;

/** A figure with the numbers it shows. */
export interface ReportFigure {
  /** Unique in the report; a name for anchors and files, such as `"budget-curve"`. */
  readonly id: string;
  readonly caption: string;
  /** From a figure function. */
  readonly drawing: Figure;
  /** The data shown, one record for each mark, offered for download. */
  readonly data: readonly FigureRecord[];
  /** Formula or protocol of what is drawn, in a sentence or two. */
  readonly definition?: string;
}

/** A row of figure data; nested values are not representable in CSV. */
export type FigureRecord = Readonly<Record<string, string | number | boolean | null>>;

/** Latents with the texts that they are most active on: Figure 6 of arXiv 2602.14111. */
export interface ReportContexts {
  /** Unique in the report; a name for anchors. */
  readonly id: string;
  readonly caption: string;
  readonly latents: readonly ReportLatent[];
}

/** A latent, what it was said to mean, and texts. */
export interface ReportLatent {
  /** "Latent 1803, fully trained". */
  readonly title: string;
  /** What an explainer said of it; may be empty. */
  readonly description: string;
  /** Share of the judge's answers that were right, in [0, 1]; null when it was not judged. */
  readonly score: number | null;
  readonly sequences: readonly ReportSequence[];
}

/** A text with the latent's activation on each of its tokens. */
export interface ReportSequence {
  /** As the tokenizer gives them, spaces and line breaks included. */
  readonly tokens: readonly string[];
  /** One for each token, not negative. */
  readonly activations: readonly number[];
}
