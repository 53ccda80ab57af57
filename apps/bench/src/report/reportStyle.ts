import { inkOf, paletteCss, paperOf, type Theme } from "../figures/palette.js";
import { heatCss, heatRules } from "./heat.js";

const own: Readonly<Record<string, Readonly<Record<Theme, string>>>> = {
  "--muted": { light: "#535b66", dark: "#a8b0bb" },
  "--line": { light: "#d5d9de", dark: "#363c45" },
  "--tint": { light: "#f3f5f7", dark: "#1d2127" },
  "--link": { light: "#00598c", dark: "#7cc7f2" },
  "--good": { light: "#14653c", dark: "#5fd394" },
  "--bad": { light: "#9c2a10", dark: "#ff9d7d" },
};

const colours = (theme: Theme): string =>
  [
    `color-scheme: ${theme}; --ink: ${inkOf(theme)}; --paper: ${paperOf(theme)};`,
    ...Object.entries(own).map(([name, colour]) => `${name}: ${colour[theme]};`),
    paletteCss(theme),
    heatCss(theme),
  ].join(" ");

/**
 * The style sheet of the report: follows the reader's light or dark setting or the switch on the page, prints light with
 * everything unfolded, scrolls wide things sideways.
 */
export const reportStyle = `
:root { ${colours("light")} }
@media (prefers-color-scheme: dark) { :root { ${colours("dark")} } }
:root:has(#theme-light:checked) { ${colours("light")} }
:root:has(#theme-dark:checked) { ${colours("dark")} }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0 auto; padding: 1rem 1rem 4rem; max-width: 72rem; color: var(--ink); background: var(--paper);
  font: 1rem/1.6 Inter, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: break-word;
}
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 1rem; text-wrap: balance; overflow-wrap: anywhere; }
h2 { font-size: 1.35rem; line-height: 1.3; margin: 3rem 0 0.75rem; }
h3 { font-size: 1.05rem; line-height: 1.4; margin: 2rem 0 0.25rem; }
p, nav ul, .words .inside > ul { max-width: 44rem; margin: 0 0 1rem; }
a { color: var(--link); }
code { font: 0.9em ui-monospace, "SF Mono", Menlo, Consolas, monospace; overflow-wrap: anywhere; }
pre { margin: 0 0 1rem; padding: 0.6rem 0.75rem; background: var(--tint); white-space: pre-wrap; max-width: 44rem; }
nav ul { padding-left: 1.25rem; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.note, figcaption, .subtitle, .detail { color: var(--muted); font-size: 0.875rem; line-height: 1.5; }
.note { margin: 0.5rem 0; max-width: 44rem; }
.warning { border-left: 4px solid var(--bad); padding: 0.25rem 0 0.25rem 0.75rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.theme { float: right; margin: 0 0 0.5rem 1rem; border: 0; padding: 0; font-size: 0.875rem; color: var(--muted); }
.theme legend { float: left; margin-right: 0.75rem; padding: 0; }
.theme label { margin-left: 0.5rem; white-space: nowrap; display: inline-block; min-height: 1.5rem; }
.theme input { accent-color: var(--link); margin: 0 0.25rem 0 0; vertical-align: -0.1em; }
h1 { clear: both; }

details { margin: 0.25rem 0 1rem; font-size: 0.875rem; }
summary { color: var(--link); cursor: pointer; width: fit-content; padding: 0.15rem 0; }
.inside { border-left: 2px solid var(--line); padding: 0.25rem 0 0.25rem 0.9rem; margin-top: 0.25rem; }
.words .inside > ul { padding-left: 1.1rem; }
.inside > :last-child { margin-bottom: 0; }
dl { display: grid; grid-template-columns: minmax(max-content, 12rem) minmax(0, 1fr); gap: 0.35rem 1.5rem; margin: 0 0 1rem; font-size: 0.875rem; max-width: 60rem; }
dt { color: var(--muted); }
dd { margin: 0; overflow-wrap: anywhere; }

.scroll { overflow-x: auto; }
.table { margin: 1.5rem 0 2rem; }
table { border-collapse: collapse; font-size: 0.9rem; line-height: 1.45; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0 0 0.5rem; }
th, td { padding: 0.35rem 1rem 0.35rem 0; text-align: left; vertical-align: top; }
th.number, td.number { text-align: right; white-space: nowrap; }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom; }
tbody th { font-weight: 500; }
tbody tr + tr > *, tbody + tbody > tr:first-child > * { border-top: 1px solid var(--line); }
.group th { font-weight: 600; padding-top: 0.9rem; }
.group span { position: sticky; left: 0; }
th[scope="row"], thead th:first-child { position: sticky; left: 0; background: var(--paper); min-width: 6.5rem; max-width: 13rem; }
td:not(.number) { min-width: 7rem; max-width: 20rem; }
.ends { color: var(--muted); white-space: nowrap; }
td .ends { display: block; font-size: 0.9em; line-height: 1.3; }
.quoted, .quoted > * { font-style: italic; background: var(--tint) !important; }
th.quoted, td.quoted { padding-left: 0.5rem; padding-right: 0.5rem; }
.source { display: block; font-weight: 400; font-size: 0.8rem; white-space: normal; max-width: 9rem; margin-left: auto; }

ul.verdicts, ul.legend, .latent ul { list-style: none; padding: 0; margin: 0; }
.overview { max-width: 44rem; margin-bottom: 0.5rem; }
.verdict {
  display: grid; grid-template-columns: 11rem 8.5rem minmax(8rem, 1fr) 13rem 15rem; gap: 0 1rem; align-items: center;
  padding: 0.35rem 0; font-size: 0.9rem; line-height: 1.4; font-variant-numeric: tabular-nums;
}
.verdicts > li + li { border-top: 1px solid var(--line); }
.axis-row > svg { grid-column: 3; }
.verdict.axis-row { padding: 0; margin-bottom: 0.75rem; }
.badge { border-left: 0.35rem solid; padding-left: 0.5rem; font-weight: 600; }
.beats .badge { color: var(--good); }
.does-not .badge { color: var(--bad); border-left-style: double; }
.cannot-tell .badge { color: var(--muted); border-left-style: dotted; }
.opponent { color: var(--muted); }
.interval { display: block; overflow: visible; }
.interval .band { fill: var(--ink); fill-opacity: 0.13; }
.interval g { stroke: var(--ink); stroke-width: 1.75; }
.interval .zero { stroke-opacity: 0.6; stroke-dasharray: 3 2; stroke-width: 1; }
.interval .beats circle { fill: var(--ink); }
.interval circle { fill: var(--paper); }
.axis text { fill: var(--muted); font-size: 0.75rem; text-anchor: middle; }
.axis .left { text-anchor: start; }
.axis .right { text-anchor: end; }

figure { margin: 2.5rem 0; }
figure p { margin: 0; }
.title { font-weight: 600; }
figcaption { margin-top: 0.75rem; }
.legend { margin: 0.75rem 0; font-size: 0.85rem; }
ul.legend { margin: 0.75rem 0; display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; }
.legend svg { vertical-align: -0.15em; margin-right: 0.4rem; overflow: visible; }
.row { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; margin-bottom: 0.75rem; align-items: flex-end; }
.panel { max-width: 100%; }
.panel > svg { display: block; max-width: 100%; height: auto; font-family: Inter, system-ui, sans-serif; }
.panel-title { font-size: 0.85rem; font-weight: 600; line-height: 1.4; }

.latents { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24rem), 1fr)); gap: 0 2rem; }
.latent { min-width: 0; }
.latent li { margin: 0.6rem 0; line-height: 1.9; }
.peak { color: var(--muted); font-size: 0.8rem; font-variant-numeric: tabular-nums; margin-right: 0.35rem; }
.tokens { white-space: pre-wrap; overflow-wrap: anywhere; font-size: 0.925rem; }
mark, .heat span, span.strongest { color: inherit; border-radius: 2px; padding: 0.1em 0; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.heat span { padding: 0.1em 0.3em; border-radius: 0; }
.strongest { font-weight: 700; text-decoration: underline 2px; text-underline-offset: 0.2em; }
mark.strongest:focus::after { content: " = " attr(title); font-weight: 400; }
${heatRules}

@media (max-width: 64rem) {
  .verdict { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: 0.1rem 1rem; padding: 0.6rem 0; }
  .scope { font-weight: 600; }
  /* Last, so that the axis lies right below the plots. */
  .verdict .interval { grid-column: 1 / -1; order: 1; margin-top: 0.25rem; }
}
@media (max-width: 36rem) {
  .verdict { grid-template-columns: minmax(0, 1fr) auto; }
  .difference, .opponent { grid-column: 1 / -1; }
  h1 { font-size: 1.45rem; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; }
  dd { margin-bottom: 0.5rem; }
  th[scope="row"], thead th:first-child { max-width: 9rem; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@page { margin: 15mm; }
@media print {
  :root:root { ${colours("light")} }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3 { break-after: avoid; }
  .panel, tr, .verdict, .latent li, .command, figure:not(:has(.latents)) { break-inside: avoid; }
  figure > .legend, caption, thead, .group { break-after: avoid; }
  .panel > svg { min-width: 0 !important; }
  .scroll { overflow: visible; }
  table { font-size: 7.5pt; }
  th.number, td.number, .ends { white-space: normal; }
  th, td { padding-right: 0.5rem; position: static !important; min-width: 0 !important; }
  .verdict { grid-template-columns: 9em 8.5em minmax(6rem, 1fr) 12em 13em; font-size: 7.5pt; padding: 0.1rem 0; gap: 0 0.75rem; }
  .verdict .interval { grid-column: 3; order: 0; margin-top: 0; }
  .axis text { font-size: 7pt; }
  .difference, .opponent { grid-column: auto; }
  details:not(.words)::details-content { content-visibility: visible; block-size: auto; }
  nav, .theme, .downloads, .words, details .command, details:has(> .inside > .command:only-child) { display: none; }
}
`;
