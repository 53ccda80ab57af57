import { inkOf, paletteCss, paperOf, type Theme } from "../figures/palette.js";

const muted = { light: "#535b66", dark: "#a8b0bb" };
const line = { light: "#d5d9de", dark: "#363c45" };
const link = { light: "#00598c", dark: "#7cc7f2" };

const colours = (theme: Theme): string =>
  `--ink: ${inkOf(theme)}; --paper: ${paperOf(theme)}; --muted: ${muted[theme]}; --line: ${line[theme]}; ` +
  `--link: ${link[theme]}; ${paletteCss(theme)}`;

/** The style sheet of the report: follows the reader's light or dark setting, prints light, scrolls wide things sideways. */
export const reportStyle = `
:root { color-scheme: light dark; ${colours("light")} }
@media (prefers-color-scheme: dark) { :root { ${colours("dark")} } }
@media print { :root { color-scheme: light; ${colours("light")} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.6 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; text-wrap: balance; }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 3rem 0 0.75rem; }
p, nav ul { max-width: 44rem; margin: 0 0 1rem; }
a { color: var(--link); }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
nav ul { padding-left: 1.25rem; }
.scroll { overflow-x: auto; }
.scroll:focus-visible, a:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; font-size: 0.9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0 0 0.5rem; }
th, td { padding: 0.35rem 1rem 0.35rem 0; text-align: left; vertical-align: top; white-space: nowrap; }
th.number, td.number { text-align: right; }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.table { margin: 1.5rem 0; }
.note, figcaption { color: var(--muted); font-size: 0.875rem; margin: 0.5rem 0 0; max-width: 44rem; }
figure { margin: 2rem 0; }
figure .scroll > svg { display: block; height: auto; max-width: 100%; }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 0.25rem 1.5rem; font-size: 0.875rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }
@media (max-width: 36rem) {
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 0.5rem; }
}
@media print {
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2 { break-after: avoid; }
  figure, .table tr { break-inside: avoid; }
  figure .scroll > svg { min-width: 0 !important; }
  .scroll { overflow: visible; }
  nav, .downloads { display: none; }
}
`;
