import { mkdir, readdir, rm } from "node:fs/promises";
import { join, relative } from "node:path";
import { writeFileAtomic } from "@sae/core";
import { type Versions, versions } from "../environment.js";
import type { ErrorMessage } from "../errors.js";
import { composeFigure } from "../figures/composeFigure.js";
import { renderPng } from "../figures/renderPng.js";
import { standaloneSvg } from "../figures/standaloneSvg.js";
import { renderReport } from "../report/renderReport.js";
import type { ReportTable, ReportVerdict } from "../report/report.js";
import { reportMarkdown } from "../report/reportMarkdown.js";
import type { RunRecord } from "./runRecord.js";
import type { Study, Summary } from "./study.js";

/** Contents of results.json, and what `--json` prints. No times in it: the same study gives the same bytes. */
export interface StudyRecord {
  readonly format: "sae-bench results";
  readonly version: 1;
  readonly command: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly versions: Versions;
  readonly runs: readonly RunRecord[];
  readonly floors: readonly object[];
  readonly verdicts: readonly ReportVerdict[];
  readonly tables: readonly ReportTable[];
  readonly failed: readonly ({ readonly id: string; readonly title: string } & Omit<ErrorMessage, "stack">)[];
}

/** The record of a study. */
export function studyRecord(study: Study, summary: Summary, failed: StudyRecord["failed"]): StudyRecord {
  return {
    format: "sae-bench results",
    version: 1,
    command: study.name,
    options: study.options,
    versions: versions(),
    runs: summary.runs,
    floors: summary.floors,
    verdicts: summary.report.verdicts ?? [],
    tables: summary.report.sections.flatMap(({ tables = [] }) => tables),
    failed,
  };
}

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
