// Colours are CSS variables with the light value as fallback: an SVG inlined in a page follows the page's theme, the same
// SVG opened alone is light, and `standaloneSvg` resolves them for viewers that know no variables.

/** Background a figure is meant for. */
export type Theme = "light" | "dark";

/**
 * Six hues that differ in lightness too, so that they stay apart in the common colour-vision deficiencies, at a contrast of
 * at least 3 with the paper; the test beside this file holds both.
 */
const palette = {
  "--fig-1": { light: "#2565cc", dark: "#008ce5" },
  "--fig-2": { light: "#f26812", dark: "#b54e15" },
  "--fig-3": { light: "#2ba266", dark: "#44e086" },
  "--fig-4": { light: "#d56eb5", dark: "#ffa8d8" },
  "--fig-5": { light: "#74430c", dark: "#c5c700" },
  "--fig-6": { light: "#46515a", dark: "#5d6c60" },
  "--fig-paper": { light: "#ffffff", dark: "#14171b" },
  "--fig-ink": { light: "#1b1f24", dark: "#e6e8eb" },
} as const;

/** Number of hues for data. */
const hues = 6;

type Variable = keyof typeof palette;

const reference = (name: Variable): string => `var(${name}, ${palette[name].light})`;

/** Colour of the i-th series; they repeat after six. */
export const seriesColour = (index: number): string => reference(`--fig-${(index % hues) + 1}` as Variable);

/** What the figure is drawn on. */
export const paper = reference("--fig-paper");

/** Declarations of the colours for one theme, to put into a style sheet rule. */
export const paletteCss = (theme: Theme): string =>
  Object.entries(palette)
    .map(([name, colour]) => `${name}: ${colour[theme]};`)
    .join(" ");

/** Replaces every colour variable by the theme's colour. */
export const resolveColours = (svg: string, theme: Theme): string =>
  svg.replace(/var\((--fig-[a-z0-9]+), #[0-9a-f]{6}\)/g, (_, name: Variable) => palette[name][theme]);

/** A concrete colour of the theme. */
export const inkOf = (theme: Theme): string => palette["--fig-ink"][theme];
/** A concrete colour of the theme. */
export const paperOf = (theme: Theme): string => palette["--fig-paper"][theme];
