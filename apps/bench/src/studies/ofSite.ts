import type { Report } from "../report/report.js";

/** Verdicts and sections of a study, or of one site of it. */
export type ReportParts = Required<Pick<Report, "verdicts" | "sections">>;

/**
 * Parts of a report with the name of the site that they are about, so that those of several sites can stand in one report: before headings, captions and
 * metrics, and in the names of figures.
 */
export function ofSite(site: string, { verdicts, sections }: ReportParts): ReportParts {
  const named = (text: string): string => `${site}: ${text}`;
  const idOf = (id: string): string => `${site.replaceAll(/[^\w]+/g, "-")}-${id}`;
  return {
    verdicts: verdicts.map((verdict) => ({ ...verdict, metric: named(verdict.metric) })),
    sections: sections.map(({ heading, tables = [], figures = [], contexts = [], ...rest }) => ({
      ...rest,
      heading: named(heading),
      tables: tables.map((table) => ({ ...table, caption: named(table.caption) })),
      figures: figures.map((figure) => ({ ...figure, id: idOf(figure.id), caption: named(figure.caption) })),
      contexts: contexts.map((one) => ({ ...one, id: idOf(one.id), caption: named(one.caption) })),
    })),
  };
}
