import { paperOf, type Theme } from "../figures/palette.js";

/** Steps of a background that stands for a share; the first is the weakest. */
export const heatLevels = 8;

const hottest: Readonly<Record<Theme, string>> = { light: "#f5883f", dark: "#8f4216" };

/** Background of a level, between the paper's colour and a hot one: text in ink stays readable on all of them. */
export function heatColour(level: number, theme: Theme): string {
  const [from, to] = [paperOf(theme), hottest[theme]].map((hex) =>
    [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)),
  );
  const mixed = from.map((value, i) => Math.round(value + ((to[i] - value) * (level + 1)) / (heatLevels + 1)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const levels = Array.from({ length: heatLevels }, (_, i) => i + 1);

/** Declarations of the colours for one theme, to put into a style sheet rule. */
export const heatCss = (theme: Theme): string =>
  levels.map((level) => `--heat-${level}: ${heatColour(level, theme)};`).join(" ");

/** A class for each level. */
export const heatRules = levels.map((level) => `.t${level} { background: var(--heat-${level}); }`).join("\n");
