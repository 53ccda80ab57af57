import * as Plot from "@observablehq/plot";
import { parseHTML } from "linkedom";

/** A drawn plot and its size in pixels. */
export interface PlotPanel {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Size of the text of axes and annotations, in pixels. */
export const textSize = 12;

/**
 * Draws with Observable Plot, without a browser, into a string that is the same for the same options: no style sheet (its
 * class would leak into a page), no names of marks (only the figure as a whole has one), coordinates to a hundredth of a pixel.
 *
 * Marks with `clip` and gradients would carry ids counted over the life of the process: do not use them.
 */
export function plotPanel(options: Plot.PlotOptions & { width: number; height: number }): PlotPanel {
  const { document } = parseHTML("<!doctype html><html><body></body></html>");
  const drawn = Plot.plot({ ...options, document: document as unknown as Document, className: "plot" });
  const svg = drawn.outerHTML
    .replace(/<style>[\s\S]*?<\/style>/, "")
    .replace(/<[^>]+>/g, (tag) => tag.replace(/-?\d+\.\d{3,}(e-?\d+)?/g, (number) => `${round(Number(number))}`))
    .replace('font-size="10"', `font-size="${textSize}"`)
    .replace(' font-family="system-ui, sans-serif"', "")
    .replace(' class="plot"', "")
    .replaceAll('" />', '"/>')
    .replaceAll(/ aria-(label|hidden)="[^"]*"/g, "");
  return { svg, width: options.width, height: options.height };
}

/** To a hundredth, and never −0. */
export const round = (value: number): number => Math.round(value * 100) / 100 + 0;

/**
 * Thousands of dots as one path of zero-length strokes with round caps: a tenth of the bytes of as many circles. Give it to
 * `Plot.dot` as its `render`.
 */
export function dotsAsPath(radius: number, colour: string): Plot.RenderFunction {
  return (index, _scales, values, _dimensions, context) => {
    const x = values.x as ArrayLike<number>;
    const y = values.y as ArrayLike<number>;
    const path = context.document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", Array.from(index, (i) => `M${tenth(x[i])} ${tenth(y[i])}h0`).join(""));
    path.setAttribute("fill", "none");
    path.setAttribute("stroke", colour);
    path.setAttribute("stroke-width", `${2 * radius}`);
    path.setAttribute("stroke-linecap", "round");
    return path;
  };
}

const tenth = (value: number): number => Math.round(value * 10) / 10 + 0;
