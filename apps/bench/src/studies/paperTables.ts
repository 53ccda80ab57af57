import { findVariant } from "../jobs/findByName.js";
import type { ReportCell, ReportTable } from "../report/report.js";
import type { BaselinesPlan } from "./baselinesPlan.js";
import { conditionOf } from "./conditions.js";
import type { Judged } from "./contests.js";
import { mainTarget } from "./mainTarget.js";
import { paperSites } from "./paperNumbers.js";

/** The measures in a cell of tables 2 to 4, by their ids, with the names that the paper gives them. */
const inCell = [
  ["explained-variance", "explained variance"],
  ["probing-top-1", "probing top-1"],
  ["probing-top-5", "probing top-5"],
  ["ravel", "RAVEL"],
] as const;

/** The columns of tables 2 to 4. */
const columns = [
  conditionOf("trained"),
  conditionOf("frozen_decoder"),
  conditionOf("frozen_decoder", "cov"),
  conditionOf("soft_frozen_decoder"),
  conditionOf("frozen_encoder"),
  conditionOf("frozen_encoder", "cov"),
];

/**
 * Tables 2 to 4 of arXiv 2602.14111 for each architecture at the main target, with the paper's own rows, which are about other models, below.
 *
 * @param site name of model and hook for readers
 */
export function paperTables(
  { options }: Pick<BaselinesPlan, "options">,
  site: string,
  judged: readonly Judged[],
): ReportTable[] {
  const l0 = mainTarget(options);
  const measured = inCell.map(([id]) => judged.find(({ measure }) => measure.id === id));
  if (measured.every((one) => one === undefined)) return [];
  const score = (one: Judged | undefined, variant: string, condition: string): number | null =>
    one?.groups.find((group) => group.l0 === l0 && group.variant === variant && group.condition.id === condition)
      ?.estimate?.mean ?? null;
  return options.variants.map((variant): ReportTable => {
    const { title } = findVariant(variant);
    const own = columns.map(({ id }) => cellText(measured.map((one) => score(one, variant, id))));
    const quoted = paperSites.flatMap(({ name, scores }): ReportCell[][] => {
      const found = scores[variant];
      return found ? [[`${name}, L0 160 (the paper)`, ...found.map(cellText)]] : [];
    });
    return {
      caption: `${title} in the form of the paper's tables 2 to 4: ${inCell.map(([, label]) => label).join(" / ")}`,
      columns: [{ label: "Model and site" }, ...columns.map(({ title }) => ({ label: title }))],
      rows: [[`${site}, L0 ${l0} (here)`, ...own], ...quoted],
      quotedRows: quoted.length,
      note: `${
        quoted.length === 0
          ? "The paper has no such table for this architecture."
          : "The paper's rows are about larger models, other texts and far longer training: they show the pattern, not a target."
      } –: not measured. RAVEL that does nothing scores about .49 there, and chance in probing is .5.`,
    };
  });
}

/** ".852/.721/.849/.720". */
const cellText = (scores: readonly (number | null)[]): string =>
  scores
    .map((score) =>
      score === null
        ? "–"
        : score
            .toFixed(3)
            .replace(/^(-?)0\./, "$1.")
            .replace("-", "−"),
    )
    .join("/");
