import { groupThousands } from "../figures/numberText.js";
import { type BaselinesOptions, planBaselines } from "./baselinesPlan.js";
import { provenanceOf } from "./provenance.js";
import { runRecord } from "./runRecord.js";
import type { Study } from "./study.js";

/** The comparison with random baselines on activations of a file. */
export function baselinesStudy({
  name,
  label,
  rows,
  sha256,
  options,
}: {
  name: string;
  /** Name of the activations for readers. */
  label: string;
  rows: number;
  sha256: string;
  options: BaselinesOptions;
}): Study {
  const plan = planBaselines(options);
  const chosen = {
    data: label,
    rows,
    sha256,
    order: (options.data(0) as { order?: string }).order,
    ...recordedBaselines(options),
  };
  const about = `Activations: ${label}, ${groupThousands(rows)} rows of ${options.dModel}.`;
  return {
    name,
    title: "Trained SAEs against random baselines",
    jobs: plan.runs.map(({ job }) => job),
    options: chosen,
    identity: { seeds: options.seeds, data: { name: label, rows, sha256 } },
    summarise: async (results) => {
      const { baselinesReport } = await import("./baselinesReport.js");
      const { verdicts, sections, findings } = await baselinesReport(plan, results, about);
      return {
        report: {
          title: `Do SAEs beat random baselines on ${label}?`,
          summary: [
            "Reconstruction in case study 2 of “Sanity Checks for Sparse Autoencoders: Do SAEs Beat Random Baselines?” (arXiv 2602.14111), on other activations. What training adds is the difference to the best baseline, not the score.",
          ],
          verdicts,
          sections,
          provenance: provenanceOf(chosen),
        },
        runs: plan.runs.map(({ job }) => runRecord(job, {}, results)),
        findings,
      };
    },
  };
}

/** Everything chosen, but the facts of the machine and what is no data. */
export function recordedBaselines(options: BaselinesOptions): Record<string, unknown> {
  const { data: _, local: __, activations: ___, dataRows: ____, conditions, ...rest } = options;
  return { ...rest, conditions: conditions.map(({ id }) => id) };
}
