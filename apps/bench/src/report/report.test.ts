import type { Interval } from "@sae/metrics";
import { meanInterval, wilsonInterval } from "@sae/metrics";
import { parseHTML } from "linkedom";
import { describe, expect, test } from "vitest";
import { explainedVarianceBars } from "../figures/explainedVarianceBars.js";
import { dataUri, toCsv } from "./figureData.js";
import { formatCell, intervalNote } from "./formatCell.js";
import { renderReport } from "./renderReport.js";
import type { Report, ReportTable } from "./report.js";
import { markdownTable, reportMarkdown } from "./reportMarkdown.js";
import { textTable } from "./textTable.js";

const seeds: Interval = {
  mean: 0.6712,
  sd: 0.0041,
  low: 0.661,
  high: 0.6814,
  n: 3,
  confidence: 0.95,
  method: "student t",
};

const table: ReportTable = {
  caption: "Explained variance at L0 = 160",
  columns: [{ label: "Condition" }, { label: "x̂ explains" }, { label: "Latents" }, { label: "Above floor", digits: 2 }],
  rows: [
    ["Fully trained", seeds, 4096, 0.171],
    ["Frozen | decoder", meanInterval([0.4]), 4096, -0.1],
    ["PCA", null, 64, null],
  ],
  note: "The `floor` is **0.5**.",
};

const report: Report = {
  title: "Do SAEs <beat> random baselines?",
  summary: ["A summary of **everything** that `sae-bench` measured."],
  sections: [
    {
      heading: "Synthetic data",
      prose: ["Features are known & counted."],
      tables: [table],
      figures: [
        {
          id: "explained-variance",
          caption: "Explained variance.",
          drawing: explainedVarianceBars({ bars: [{ setting: "s", architecture: "topk", explainedVariance: seeds }] }),
          data: [{ architecture: "topk", explainedVariance: 0.6712, note: null }],
        },
      ],
    },
    { heading: "Synthetic data" },
  ],
  provenance: { version: "0.1.0", seed: 42 },
};

describe("cells", () => {
  test.each([
    ["a word", {}, "a word"],
    [null, {}, "–"],
    [4096, {}, "4096"],
    [0.12345, {}, "0.123"],
    [-0.5, { digits: 1 }, "−0.5"],
    [-0.0001, { digits: 2 }, "0.00"],
    [Number.NaN, {}, "–"],
    [Number.NEGATIVE_INFINITY, {}, "−∞"],
    [seeds, {}, "0.671 ± 0.004 [0.661, 0.681]"],
    [seeds, { digits: 2 }, "0.67 ± 0.00 [0.66, 0.68]"],
    [meanInterval([0.4]), {}, "0.400"],
  ])("%j %j prints %s", (cell, column, text) => {
    expect(formatCell(cell, column)).toBe(text);
  });

  test("intervals explain themselves", () => {
    expect(intervalNote(table)).toBe("Mean ± standard deviation [95 % interval: student t, n = 3].");
    const rows = [
      ["a", seeds],
      ["b", { ...seeds, n: 5 }],
      ["c", wilsonInterval(3, 3200)],
    ];
    expect(intervalNote({ ...table, rows })).toBe(
      "Mean ± standard deviation [95 % interval: student t, n = 3 to 5; wilson, n = 3200].",
    );
    expect(intervalNote({ ...table, rows: [["a", meanInterval([1])]] })).toBe("Single values: no interval.");
    expect(intervalNote({ ...table, rows: [["a", 1]] })).toBeUndefined();
  });
});

test("a table for the terminal", () => {
  expect(textTable(table)).toMatchInlineSnapshot(`
    "Explained variance at L0 = 160

    Condition                           x̂ explains  Latents  Above floor
    ────────────────  ────────────────────────────  ───────  ───────────
    Fully trained     0.671 ± 0.004 [0.661, 0.681]     4096         0.17
    Frozen | decoder                         0.400     4096        −0.10
    PCA                                          –       64            –

    Mean ± standard deviation [95 % interval: student t, n = 3].

    The floor is 0.5."
  `);
  expect(textTable({ caption: "Nothing", columns: [{ label: "a" }, { label: "b" }], rows: [] })).toMatchInlineSnapshot(`
    "Nothing

    a  b
    ─  ─"
  `);
});

test("a table in Markdown", () => {
  expect(markdownTable(table)).toMatchInlineSnapshot(`
    "**Explained variance at L0 = 160**

    | Condition | x̂ explains | Latents | Above floor |
    | --- | ---: | ---: | ---: |
    | Fully trained | 0.671 ± 0.004 [0.661, 0.681] | 4096 | 0.17 |
    | Frozen \\| decoder | 0.400 | 4096 | −0.10 |
    | PCA | – | 64 | – |

    Mean ± standard deviation [95 % interval: student t, n = 3]. The \`floor\` is **0.5**."
  `);
});

test("a report in Markdown", () => {
  const markdown = reportMarkdown({ ...report, sections: [{ heading: "One", figures: report.sections[0].figures }] });
  expect(markdown).toMatchInlineSnapshot(`
    "# Do SAEs \\<beat> random baselines?

    A summary of **everything** that \`sae-bench\` measured.

    ## One

    - [Figure 1](figures/explained-variance.svg): Explained variance.

    ## Provenance

    - version: \`0.1.0\`
    - seed: \`42\`
    "
  `);
});

describe("the page", () => {
  const html = renderReport(report);
  const { document } = parseHTML(html);

  test("every element that opens closes", () => {
    const open: string[] = [];
    for (const [, slash, name, end] of html.matchAll(/<(\/?)([a-z][a-z0-9]*)\b[^>]*?(\/?)>/gi)) {
      if (slash === "/") expect(open.pop()).toBe(name);
      else if (end !== "/" && name !== "meta" && name !== "input") open.push(name);
    }
    expect(open).toEqual([]);
  });

  test("needs nothing from anywhere", () => {
    const policy = document.querySelector("meta[http-equiv]")?.getAttribute("content") ?? "";
    expect(html.replace(policy, "")).not.toMatch(/https?:|\/\/[a-z]|<script|<link|<img|@import|url\(| style="/i);
    for (const link of document.querySelectorAll("a")) expect(link.getAttribute("href")).toMatch(/^(#|data:)/);
    expect(policy).toContain("default-src 'none'; style-src 'sha256-");
  });

  test("text is text", () => {
    expect(document.querySelector("h1")?.textContent).toBe("Do SAEs <beat> random baselines?");
    expect(html).toContain("Features are known &amp; counted.");
    expect(document.querySelector("header p")?.innerHTML).toBe(
      "A summary of <strong>everything</strong> that <code>sae-bench</code> measured.",
    );
  });

  test("anchors are unique and lead somewhere", () => {
    const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const targets = [...document.querySelectorAll("nav a")].map((link) => link.getAttribute("href")?.slice(1));
    expect(targets).toEqual(["section-synthetic-data", "section-synthetic-data-2", "provenance"]);
    for (const target of targets) expect(ids).toContain(target);
  });

  test("tables have headings for columns and rows", () => {
    const scopes = [...document.querySelectorAll("th")].map((cell) => cell.getAttribute("scope"));
    expect(scopes).toEqual(["col", "col", "col", "col", "row", "row", "row"]);
    expect(document.querySelector("caption")?.textContent).toBe(table.caption);
    expect([...document.querySelectorAll("tbody tr:first-child > *")].map((cell) => cell.textContent)).toEqual([
      "Fully trained",
      "0.671 ± 0.004 [0.661, 0.681]",
      "4096",
      "0.17",
    ]);
  });

  test("figures have a text alternative and their data", () => {
    const figure = document.querySelector("figure");
    expect(figure?.querySelector('[role="img"]')?.getAttribute("aria-label")).toContain(
      "Explained variance on synthetic",
    );
    expect(figure?.querySelector("details li")?.textContent).toBe("s, TopK: 0.671");
    const caption = figure?.querySelector("figcaption p")?.textContent?.trim().replaceAll(/\s+/g, " ");
    expect(caption).toBe("Figure 1. Explained variance. Data: CSV, JSON");
    const [csv, json] = [...(figure?.querySelectorAll("a[download]") ?? [])].map((link) =>
      decodeURIComponent(link.getAttribute("href")?.replace(/^[^,]*,/, "") ?? ""),
    );
    expect(csv).toBe("architecture,explainedVariance,note\r\ntopk,0.6712,\r\n");
    expect(JSON.parse(json)).toEqual({
      columns: ["architecture", "explainedVariance", "note"],
      data: [["topk", 0.6712, null]],
    });
  });

  test("is the same bytes every time", () => {
    expect(renderReport(report)).toBe(html);
  });

  test("an empty report is a page", () => {
    const empty = parseHTML(renderReport({ title: "Nothing yet", sections: [], provenance: {} }));
    expect(empty.document.querySelector("h1")?.textContent).toBe("Nothing yet");
  });
});

test("CSV quotes what needs it and keeps every column", () => {
  expect(
    toCsv([
      { a: 'say "x̂"', b: 1 },
      { b: true, c: "1,5" },
    ]),
  ).toBe('a,b,c\r\n"say ""x̂""",1,\r\n,true,"1,5"\r\n');
  expect(toCsv([])).toBe("");
});

test("contents of a file survive as an address", () => {
  expect(dataUri("text/csv", "x̂,1\r\n")).toBe("data:text/csv;charset=utf-8,x%CC%82,1%0D%0A");
  const anything = `a "quoted" <b> & 100 % #1 \u{1f600} \\ [1, {"x": 'y'}]\t|^`;
  const uri = dataUri("text/plain", anything);
  expect(decodeURIComponent(uri.replace(/^[^,]*,/, ""))).toBe(anything);
  expect(uri).not.toMatch(/[\s"<>&#]/);
});
