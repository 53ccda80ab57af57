import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeFileAtomic } from "@sae/core";
import { composeFigure } from "../figures/composeFigure.js";
import { renderPng } from "../figures/renderPng.js";
import { standaloneSvg } from "../figures/standaloneSvg.js";
import { renderReport } from "../report/renderReport.js";
import { reportMarkdown } from "../report/reportMarkdown.js";
import type { StudyRecord } from "../results/resultsSchema.js";
import type { Summary } from "./study.js";

/**
 * Leaves report.html (one file that needs nothing else), report.md, results.json and figures/*.svg and *.png in a folder.
 *
 * @returns paths of the files that a reader begins with
 */
export async function writeReport(folder: string, summary: Summary, record: StudyRecord): Promise<string[]> {
  const figures = join(folder, "figures");
  await mkdir(figures, { recursive: true });
  const drawn = summary.report.sections.flatMap((section) => section.figures ?? []);
  for (const { id, drawing } of drawn) {
    const svg = composeFigure(drawing);
    await writeFileAtomic(join(figures, `${id}.svg`), standaloneSvg(svg));
    await writeFileAtomic(join(figures, `${id}.png`), renderPng(svg));
  }
  await removeOthers(
    figures,
    drawn.flatMap(({ id }) => [`${id}.svg`, `${id}.png`]),
  );
  const files = {
    "report.html": renderReport(summary.report),
    "report.md": reportMarkdown(summary.report),
    "results.json": `${JSON.stringify(record, null, 2)}\n`,
  };
  for (const [name, content] of Object.entries(files)) await writeFileAtomic(join(folder, name), content);
  return Object.keys(files).map((name) => relative(process.cwd(), join(folder, name)));
}

/** Figures of an earlier report in the same folder that this one does not have. */
async function removeOthers(folder: string, keep: readonly string[]): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/\.(svg|png|tmp)$/.test(name) && !keep.includes(name)) await rm(join(folder, name), { force: true });
  }
}
