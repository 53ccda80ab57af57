import { createHash } from "node:crypto";
import { escapeXml } from "../figures/escapeXml.js";
import { contextsHtml } from "./contextsHtml.js";
import { failureText } from "./failures.js";
import { figureHtml, panelRules } from "./figureHtml.js";
import { commandHtml, paragraphsHtml } from "./htmlText.js";
import type { Report, ReportFailure, ReportSection } from "./report.js";
import { reportStyle } from "./reportStyle.js";
import { tableHtml } from "./tableHtml.js";
import { verdictsHtml } from "./verdictsHtml.js";

/**
 * A report as one HTML file that needs nothing else: styles and figures are inline, figure data hang on data: links, and the
 * page's own policy forbids any request and any script.
 */
export function renderReport(report: Report): string {
  const { title, summary = [], verdicts = [], sections, failed = [], command, provenance } = report;
  const anchors = uniqueAnchors(sections.map(({ heading }) => heading));
  const numbering = numberFigures(command);
  const parts = [
    ...(verdicts.length === 0
      ? []
      : [{ heading: "What the study found", anchor: "verdicts", html: verdictsHtml(verdicts, "verdicts", command) }]),
    ...sections.map((section, i) => ({
      heading: section.heading,
      anchor: anchors[i],
      html: sectionHtml(section, anchors[i], numbering, command),
    })),
    ...(failed.length === 0
      ? []
      : [{ heading: "Jobs without a result", anchor: "failed", html: failedHtml(failed, "failed") }]),
    { heading: "Provenance", anchor: "provenance", html: "" },
  ];
  const contents = parts.map(({ heading, anchor }) => `<li><a href="#${anchor}">${escapeXml(heading)}</a></li>`);
  const style = `${reportStyle}${panelRules(sections.flatMap(({ figures = [] }) => figures))}\n`;
  // Nothing but this style sheet is let in: no request, no script, no style on an element.
  const policy = `default-src 'none'; style-src 'sha256-${createHash("sha256").update(style).digest("base64")}'; base-uri 'none'; form-action 'none'`;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<title>${escapeXml(title)}</title>
<style>${style}</style>
</head>
<body>
<header>
${themeSwitch}
<h1>${escapeXml(title)}</h1>
${paragraphsHtml(summary)}
${failed.length === 0 ? "" : `<p class="warning">${failureText(failed)} <a href="#failed">Which, and why</a>.</p>`}
</header>
<nav aria-label="Contents"><ul>
${contents.join("\n")}
</ul></nav>
<main>
${parts.map(({ html }) => html).join("\n")}
</main>
<footer>
<h2 id="provenance">Provenance</h2>
${commandHtml(command).join("\n")}
<dl>
${Object.entries(provenance)
  .map(([name, value]) => `<dt>${escapeXml(name)}</dt><dd><code>${escapeXml(`${value}`)}</code></dd>`)
  .join("\n")}
</dl>
</footer>
</body>
</html>
`;
}

/** Radio buttons that the style sheet looks at: no script is needed, or allowed. */
const themeSwitch = `<fieldset class="theme"><legend>Theme</legend>
${["Auto", "Light", "Dark"]
  .map((name, i) => {
    const id = `theme-${name.toLowerCase()}`;
    return `<label><input type="radio" name="theme" id="${id}"${i === 0 ? " checked" : ""}>${name}</label>`;
  })
  .join("\n")}
</fieldset>`;

function failedHtml(failed: readonly ReportFailure[], anchor: string): string {
  const rows = failed.map(({ title, code, message }) => [title, code, message]);
  return [
    `<section aria-labelledby="${anchor}">`,
    `<h2 id="${anchor}">Jobs without a result</h2>`,
    paragraphsHtml(["The same command runs them again; what is done is kept."]),
    tableHtml(
      {
        caption: "What failed, and why",
        columns: [{ label: "Job" }, { label: "Error" }, { label: "Message" }],
        rows,
      },
      undefined,
    ),
    "</section>",
  ].join("\n");
}

/** Gives the figures of a report their numbers, and knows which had the same data before. */
function numberFigures(command: string | undefined) {
  const seen = new Map<string, { id: string; number: number }>();
  let number = 0;
  return {
    next: () => ++number,
    place(id: string, data: unknown) {
      const text = JSON.stringify(data);
      const sameDataAs = seen.get(text) ?? null;
      const place = { number: ++number, sameDataAs, command };
      if (sameDataAs === null) seen.set(text, { id, number });
      return place;
    },
  };
}

function sectionHtml(
  { heading, prose = [], tables = [], figures = [], contexts = [] }: ReportSection,
  anchor: string,
  numbering: ReturnType<typeof numberFigures>,
  command: string | undefined,
): string {
  return [
    `<section aria-labelledby="${anchor}">`,
    `<h2 id="${anchor}">${escapeXml(heading)}</h2>`,
    paragraphsHtml(prose),
    ...tables.map((table) => tableHtml(table, command)),
    ...figures.map((figure) => figureHtml(figure, numbering.place(figure.id, figure.data))),
    ...contexts.map((shown) => contextsHtml(shown, numbering.next())),
    "</section>",
  ].join("\n");
}

/** A name for each heading that is valid in an address, no two alike. */
function uniqueAnchors(headings: readonly string[]): string[] {
  const taken = new Set<string>();
  return headings.map((heading) => {
    const base = `section-${heading
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, "-")
      .replaceAll(/^-|-$/g, "")}`;
    let anchor = base;
    for (let i = 2; taken.has(anchor); i++) anchor = `${base}-${i}`;
    taken.add(anchor);
    return anchor;
  });
}
