import type { Interval } from "@sae/metrics";

/** A report before it has a form: HTML, Markdown and terminal print the same numbers. */
export interface Report {
  readonly title: string;
  /** Paragraphs under the title. */
  readonly summary?: readonly string[];
  readonly sections: readonly ReportSection[];
  /** What it takes to make the report again: versions, seeds, hashes, machine. */
  readonly provenance: Readonly<Record<string, string | number>>;
}

/** A part of a report. Prose is paragraphs of plain text in which `**strong**` and `` `code` `` are marked up. */
export interface ReportSection {
  readonly heading: string;
  readonly prose?: readonly string[];
  readonly tables?: readonly ReportTable[];
  readonly figures?: readonly ReportFigure[];
}

/** A table; the first cell of a row is its heading. */
export interface ReportTable {
  readonly caption: string;
  readonly columns: readonly ReportColumn[];
  /** One cell for each column. */
  readonly rows: readonly (readonly ReportCell[])[];
  /** Small print below the table. */
  readonly note?: string;
}

/** A column of a table. */
export interface ReportColumn {
  /** Heading, with the unit if there is one. */
  readonly label: string;
  /** Digits after the point; without it whole numbers print whole and others with 3. */
  readonly digits?: number;
}

/** Text, a number, a mean with its interval, or nothing. */
export type ReportCell = string | number | Interval | null;

/** A figure with the numbers it shows. */
export interface ReportFigure {
  /** Unique in the report; a name for anchors and files, such as `"budget-curve"`. */
  readonly id: string;
  readonly caption: string;
  /** From a figure function. */
  readonly svg: string;
  /** The data shown, one record for each mark, offered for download. */
  readonly data: readonly FigureRecord[];
}

/** A row of figure data; nested values are not representable in CSV. */
export type FigureRecord = Readonly<Record<string, string | number | boolean | null>>;
