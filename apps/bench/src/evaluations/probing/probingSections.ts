import { unitScores } from "@sae/metrics";
import { probingScoreId } from "@sae/probing";
import { findVariant } from "../../jobs/findByName.js";
import type { ReportCell, ReportSection, ReportTable } from "../../report/report.js";
import type { BaselinesRun } from "../../studies/baselinesPlan.js";
import type { ShownEvaluation } from "../evaluation.js";
import type { probingOptions } from "../probing.js";
import { findDatasets } from "./probingData.js";
import { paperFamilies, whyNoReviews } from "./probingEmbedded.js";
import type { ProbingJobResult } from "./probingJob.js";
import type { ProbingTextsResult } from "./probingTextsJob.js";

type Shown = ShownEvaluation<typeof probingOptions>;

/** A column of the tables, and whose score stands in the row of the channels. */
interface Column {
  readonly label: string;
  readonly id: string;
  readonly ofChannels: string;
  readonly definition: string;
}

/** Scores of each data set, with those of the channels of the residual stream beside them. */
export function probingSections({ plan, config, prepared, results, jobOf }: Shown): ReportSection[] {
  const texts = results.of<ProbingTextsResult>(prepared.texts);
  if (texts === null) return [];
  const channels = results.of<ProbingJobResult>(prepared.channels);
  const found = plan.runs.flatMap((run) => {
    const result = results.of<ProbingJobResult>(jobOf(run));
    return result === null ? [] : [{ run, result }];
  });
  const columns = columnsOf(config);
  const sizes = texts.datasets
    .filter(({ tasks }) => tasks.length > 0)
    .map(({ name, tasks, classes }) => `${name} ${tasks.length} (${sizesOf(classes)} texts of a class)`);
  const fetched = texts.datasets.flatMap(({ name, commit }) => (commit ? [`${name} ${commit}`] : []));
  const messages = [
    ...texts.datasets.flatMap((dataset) => dataset.messages),
    ...(channels?.messages.map((message) => `Channels: ${message}`) ?? []),
    ...found.flatMap(({ run, result }) => result.messages.map((message) => `${titleOf(run)}: ${message}`)),
  ];
  return [
    {
      heading: "Sparse probing, by data set",
      prose: [
        `${texts.tasks} tasks on ${texts.texts} texts of up to ${config.tokens} tokens: ${sizes.join(", ")}. 0.5 is chance. Means over seeds; the row of the channels has the same probes on the residual stream itself, for SAE-Probes its baseline: all channels with an L2 penalty.`,
        familiesText(config.dataSets),
        ...(fetched.length > 0 ? [`Fetched from the hub, at the commit: ${fetched.join(", ")}.`] : []),
        ...(messages.length > 0
          ? [`What is missing or smaller than asked for: ${[...new Set(messages)].join("; ")}.`]
          : []),
      ],
      tables: texts.datasets
        .filter(({ tasks }) => tasks.length > 0)
        .map(({ name }) => datasetTable(name, columns, found, channels)),
    },
  ];
}

/** What the data sets are about, what they stand for only roughly, and which family of concepts of the paper is not among them. */
function familiesText(names: readonly string[]): string {
  const chosen = findDatasets(names);
  const families = [...new Set(chosen.map(({ family }) => family))];
  const notes = chosen.flatMap(({ name, notes }) => (notes === undefined ? [] : [`${name}: ${notes}`]));
  const missing = paperFamilies.filter((family) => !families.includes(family));
  return [
    `Families of concepts: ${families.join(", ")}.`,
    ...(missing.length === 0
      ? []
      : [
          `Of the paper's, there is none of: ${missing.join(", ")}.${names.includes("embedded") ? ` ${whyNoReviews}` : ""}`,
        ]),
    ...notes,
  ].join(" ");
}

const columnsOf = ({ ks, full, aucKs }: Shown["config"]): Column[] => [
  ...[...ks, ...(full ? (["full"] as const) : [])].map((k) => ({
    label: k === "full" ? "All" : `Top ${k}`,
    id: probingScoreId("top", k),
    ofChannels: probingScoreId("top", k),
    definition: `Accuracy of a probe on ${k === "full" ? "all latents" : `the ${k} latent${k === 1 ? "" : "s"} whose class means differ most`}, mean over the tasks of the data set.`,
  })),
  ...aucKs.map((k) => ({
    label: `AUC, ${k} latents`,
    id: probingScoreId("auc", k),
    ofChannels: probingScoreId("auc", "full"),
    definition: `Area under the ROC curve of an L1 probe on ${k} latents, as in SAE-Probes, mean over the tasks of the data set.`,
  })),
];

/** "100 + 50", or a range where classes differ. */
function sizesOf(classes: ProbingTextsResult["datasets"][number]["classes"]): string {
  const range = (of: readonly number[]) => {
    const [least, most] = [Math.min(...of), Math.max(...of)];
    return least === most ? String(least) : `${least} to ${most}`;
  };
  return `${range(classes.map(({ train }) => train))} + ${range(classes.map(({ test }) => test))}`;
}

const titleOf = ({ variant, condition, l0 }: BaselinesRun): string =>
  `${findVariant(variant).title}, ${condition.title.toLowerCase()}, L0 ${l0}`;

function datasetTable(
  dataset: string,
  columns: readonly Column[],
  found: readonly { readonly run: BaselinesRun; readonly result: ProbingJobResult }[],
  channels: ProbingJobResult | null,
): ReportTable {
  const ofDataset = ({ scores }: ProbingJobResult, id: string): number | null => {
    const units = (scores[id]?.units ?? []).filter(({ group }) => group === dataset);
    return units.length === 0 ? null : unitScores(units).value;
  };
  const rows = new Map<string, { readonly run: BaselinesRun; readonly results: ProbingJobResult[] }>();
  for (const { run, result } of found) {
    const key = titleOf(run);
    const row = rows.get(key);
    if (row) row.results.push(result);
    else rows.set(key, { run, results: [result] });
  }
  const meanOf = (results: readonly ProbingJobResult[], id: string): ReportCell => {
    const values = results.flatMap((result) => ofDataset(result, id) ?? []);
    return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  return {
    caption: `${dataset}: accuracy, and area under the curve`,
    columns: [
      { label: "Features" },
      { label: "Condition" },
      { label: "L0 target" },
      ...columns.map(({ label, definition }) => ({ label, digits: 3, definition })),
    ],
    rows: [
      ...(channels === null
        ? []
        : [["Channels", "residual stream", null, ...columns.map(({ ofChannels }) => ofDataset(channels, ofChannels))]]),
      ...[...rows.values()].map(({ run, results }): ReportCell[] => [
        findVariant(run.variant).title,
        run.condition.title,
        run.l0,
        ...columns.map(({ id }) => meanOf(results, id)),
      ]),
    ],
  };
}
