import { versions } from "../environment.js";
import type { StudyRecord } from "../results/resultsSchema.js";
import type { Study, Summary } from "./study.js";

/**
 * The record of a study, for results.json and `--json`.
 *
 * @param command the command line that gives the same results
 */
export function studyRecord(
  { name, options, identity }: Study,
  { report, runs, findings }: Summary,
  command: string,
  failed: StudyRecord["failed"],
): StudyRecord {
  return {
    format: "sae-bench results",
    version: 2,
    study: name,
    command,
    provenance: { ...identity, versions: versions() },
    options,
    measures: findings.measures,
    runs,
    scores: findings.scores,
    references: findings.references,
    verdicts: findings.verdicts,
    tables: report.sections.flatMap(({ tables = [] }) => tables),
    failed,
  };
}
