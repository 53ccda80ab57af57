import { inkOf, paperOf, resolveColours, type Theme } from "./palette.js";

/**
 * A figure as a file of its own: colours of one theme spelled out, a background, no CSS.
 *
 * @param svg - what a figure function returned
 */
export function standaloneSvg(svg: string, theme: Theme = "light"): string {
  return resolveColours(svg, theme)
    .replace(/^<svg /, `<svg color="${inkOf(theme)}" `)
    .replace(/^(<svg [^>]*>)/, `$1<rect width="100%" height="100%" fill="${paperOf(theme)}"/>`);
}
