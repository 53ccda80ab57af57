import { SaeError } from "@sae/core";
import type { PlotPanel } from "./plotPanel.js";
import type { SeriesStyles, SeriesSymbol } from "./seriesStyle.js";

/**
 * A figure before it has a form: `composeFigure` puts it into one SVG, a page lays its parts out to the width there is.
 * Colours are variables with light fallbacks and the ink is `currentColor`, so that it fits into a page of either theme.
 */
export interface Figure {
  readonly title: string;
  /** What was measured, in which units. */
  readonly subtitle?: string;
  /** What a reader who cannot see it should know, a statement each. */
  readonly description: readonly string[];
  readonly legend?: readonly LegendEntry[];
  /** Panels that belong beside each other, in rows; a row may be broken where there is no room for it. */
  readonly rows: readonly (readonly FigurePanel[])[];
  /** Small print below. */
  readonly notes?: readonly string[];
}

/** A plot with what stands above it. */
export interface FigurePanel extends PlotPanel {
  /** Heading of the panel. */
  readonly title?: string;
  /** A line of numbers under the heading. */
  readonly detail?: string;
}

/** One item of the legend. */
export type LegendEntry = {
  readonly label: string;
  /** Any SVG paint; the text colour by default. */
  readonly colour?: string;
  /** An outline instead of a filled shape. */
  readonly hollow?: boolean;
} & (
  | { readonly kind: "bar" | "band" }
  | { readonly kind: "line"; readonly dash: string; readonly symbol?: SeriesSymbol }
  | { readonly kind: "mark"; readonly symbol: SeriesSymbol | "dot" | "hollow diamond" }
);

/** @throws SaeError `nothing_to_draw` without panels */
export function defineFigure(figure: Figure): Figure {
  if (figure.rows.flat().length > 0) return figure;
  throw new SaeError("nothing_to_draw", `${figure.title}: needed at least one panel to draw, got none`);
}

/** Legend entries of series drawn as bars, with the codes that stand under these, or as lines with symbols. */
export const legendOf = (styles: SeriesStyles, kind: "bar" | "line"): LegendEntry[] =>
  styles.entries.map(([, { label, short, colour, dash, symbol, hollow }]) =>
    kind === "bar"
      ? { kind, label: `${label} (${short})`, colour, hollow }
      : { kind, label, colour, dash, symbol, hollow },
  );
