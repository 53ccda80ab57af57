import { createRequire } from "node:module";
import { Resvg } from "@resvg/resvg-js";
import type { Theme } from "./palette.js";
import { standaloneSvg } from "./standaloneSvg.js";

// The font comes from a package, not from the machine: the picture is the same on a server without fonts.
const require = createRequire(import.meta.url);
const fontFiles = [
  require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  require.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf"),
];

/**
 * A figure as PNG bytes.
 *
 * @param svg - what a figure function returned
 * @param options.scale - device pixels for each pixel of the figure, 2 by default
 */
export function renderPng(svg: string, { theme = "light", scale = 2 }: { theme?: Theme; scale?: number } = {}): Buffer {
  const resvg = new Resvg(standaloneSvg(svg, theme), {
    fitTo: { mode: "zoom", value: scale },
    font: { loadSystemFonts: false, fontFiles, defaultFontFamily: "Inter" },
  });
  return resvg.render().asPng();
}
