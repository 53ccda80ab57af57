import { groupThousands, percent } from "../figures/numberText.js";
import type { RandomDictionaryResult } from "../jobs/randomDictionaryJob.js";
import { definitions } from "../report/definitions.js";
import type { ReportCell, ReportSection, ReportTable } from "../report/report.js";
import { capBoundText } from "./capBoundText.js";
import { estimateOf, intervalBasis, shareOf } from "./estimates.js";
import { paperNumbers } from "./paperNumbers.js";
import type { Results } from "./study.js";
import { syntheticFigures } from "./syntheticFigures.js";
import { groupsOf, mean, type SyntheticGroup, settingTitle, snapshotAt, varianceOf } from "./syntheticGroups.js";
import type { SettingName, SyntheticPlan } from "./syntheticPlan.js";

/** Names of the settings where a column is narrow. */
const shortTitle: Readonly<Record<SettingName, string>> = { constant: "Constant p", variable: "Variable p" };

/** Tables and figures of case study 1. */
export async function syntheticSections(plan: SyntheticPlan, results: Results): Promise<ReportSection[]> {
  const groups = groupsOf(plan, results);
  const floors = plan.floors.flatMap(({ job }) => results.of<RandomDictionaryResult>(job) ?? []);
  if (groups.every((group) => group.results.length === 0)) return [];
  const figures = await syntheticFigures(plan, groups, floors);
  const { features, n, recipe, seeds } = plan.options;
  const data = [
    `${groupThousands(features)} unit directions in ${n} dimensions, about ${expectedActive(plan)} of them active in a sample, are the truth.`,
    `Each SAE has ${groupThousands(recipe.dSae)} latents and a target L0 of ${plan.options.l0}, and saw ${trainingBudget(plan)}.`,
    intervalBasis(seeds.length),
  ].join(" ");
  const find = (id: string) => figures.filter((figure) => figure.id === id);
  return [
    {
      heading: "Explained variance on synthetic data",
      prose: [data, ...verdicts(plan, groups, floors)],
      tables: [varianceTable(plan, groups)],
      figures: find("explained-variance"),
    },
    {
      heading: "Recovery of the true features",
      tables: [recoveryTable(plan, groups, floors)],
      figures: [...find("recovery-constant"), ...find("recovery-variable"), ...find("recovery-all")],
    },
    { heading: "What a longer run buys", figures: find("budget-curve") },
    { heading: "Lazy training", tables: [driftTable(plan, groups)], figures: find("decoder-drift") },
  ].filter(({ tables = [], figures: drawn }) => tables.length + drawn.length > 0);
}

const expectedActive = ({ options }: SyntheticPlan): string => {
  const { features, p, logMin, logMax, settings } = options;
  const mean = (setting: SettingName): number => {
    if (setting === "constant") return p * features;
    if (logMax === logMin) return features * 10 ** logMax;
    return (features * (10 ** logMax - 10 ** logMin)) / ((logMax - logMin) * Math.LN10);
  };
  return settings.map((setting) => `${mean(setting).toFixed(1)} (${setting})`).join(" or ");
};

function trainingBudget({ runs, options }: SyntheticPlan): string {
  const { batch, lr } = (runs[0].job.config as { recipe: { batch: number; lr: number } }).recipe;
  const { steps } = options.recipe;
  return `${groupThousands(steps * batch)} samples (${groupThousands(steps)} steps of ${groupThousands(batch)}, learning rate ${lr})`;
}

/** What the numbers say, in a paragraph for each setting. */
function verdicts(
  plan: SyntheticPlan,
  groups: readonly SyntheticGroup[],
  floors: readonly RandomDictionaryResult[],
): string[] {
  const { features, settings } = plan.options;
  return settings.flatMap((setting) => {
    const scored = groups
      .filter((group) => group.setting === setting && group.results.length > 0)
      .map(({ title, results }) => ({
        title,
        variance: mean(results.map((result) => varianceOf(result).value)),
        found: mean(results.map(({ recovery }) => recovery?.recovered[0].count ?? 0)),
      }))
      .sort((a, b) => b.variance - a.variance);
    if (scored.length === 0) return [];
    const best = scored[0];
    const worst = scored[scored.length - 1];
    const range =
      best === worst
        ? `${best.title} explains ${percent(best.variance)} of the variance.`
        : `${best.title} explains most of the variance, ${percent(best.variance)}, ${worst.title} least, ${percent(worst.variance)}.`;
    const some = scored.filter(({ found }) => found > 0).sort((a, b) => b.found - a.found);
    const list = some.map(({ title, found }) => `${title} ${countText(found, features)}`).join(", ");
    const rest = some.length < scored.length ? "; the others recover none" : "";
    const found = some.length === 0 ? "None recovers a single feature" : `Features recovered: ${list}${rest}`;
    const floor = floors[0]?.recovered[0]?.fraction.mean;
    const chance = floor === undefined ? "" : `; random directions recover ${floor === 0 ? "none" : percent(floor)}`;
    return [`**${settingTitle[setting]}.** ${range} ${found}${chance}.`];
  });
}

function varianceTable({ options }: SyntheticPlan, groups: readonly SyntheticGroup[]): ReportTable {
  return {
    caption: `Reconstruction of held-out samples, target L0 ${options.l0}`,
    columns: [
      { label: "Setting" },
      { label: "Architecture" },
      { label: "Explained variance" },
      { label: "Paper", quotedFrom: "arXiv 2602.14111" },
      { label: "Training rule" },
      { label: "L0", digits: 2 },
      { label: "L0, training rule", digits: 2 },
      { label: "Dead, %", digits: 1, definition: definitions.dead },
      { label: "Dense, %", digits: 1, definition: definitions.dense },
    ],
    rows: groups.map((group): ReportCell[] => {
      const { setting, variant, title, results } = group;
      const reported = paperNumbers[setting]?.[variant]?.explainedVariance;
      const head = [shortTitle[setting], title];
      if (results.length === 0) return [...head, null, reported?.toFixed(2) ?? null, null, null, null, null, null];
      return [
        ...head,
        estimateOf(results.map(varianceOf)),
        reported?.toFixed(2) ?? null,
        mean(results.map(({ training }) => training.explainedVariance)),
        mean(results.map(({ inference }) => inference.l0)),
        mean(results.map(({ training }) => training.l0)),
        100 * mean(results.map(({ inference }) => inference.dead)),
        100 * mean(results.map(({ inference }) => inference.dense)),
      ];
    }),
    note:
      "Explained variance, L0, dead and dense under the rule for use (BatchTopK and Matryoshka: one threshold); the training rule " +
      "chooses within the batch. Dead: never active on these samples. Dense: active on more than 10 % of them.",
  };
}

function recoveryTable(
  { options }: SyntheticPlan,
  groups: readonly SyntheticGroup[],
  floors: readonly RandomDictionaryResult[],
): ReportTable {
  const { features, settings } = options;
  const rows = settings.flatMap((setting) => [
    ...groups
      .filter((group) => group.setting === setting)
      .map(({ variant, title, results }): ReportCell[] => {
        const paper = paperNumbers[setting]?.[variant]?.recovered ?? null;
        const head = [shortTitle[setting], title];
        const recoveries = results.flatMap(({ recovery }) => recovery ?? []);
        if (recoveries.length === 0) return [...head, null, null, paper, null, null, null, null];
        const counts = (at: number) => recoveries.map(({ recovered }) => recovered[at].count);
        return [
          ...head,
          countText(mean(counts(0)), features),
          intervalText(shareOf(counts(0), features)),
          paper,
          countText(mean(counts(1)), features),
          mean(recoveries.map(({ meanBestCosine }) => meanBestCosine)),
          mean(recoveries.map(({ mcc }) => mcc)),
          100 * mean(recoveries.map(({ uniqueness }) => uniqueness)),
        ];
      }),
    ...(floors.length === 0 ? [] : [floorRow(setting, floors, features)]),
  ]);
  return {
    caption: "True features found by each dictionary, and by random ones",
    columns: [
      { label: "Setting" },
      { label: "Dictionary" },
      { label: "Cosine > 0.8" },
      { label: "95 % interval" },
      { label: "Paper", quotedFrom: "arXiv 2602.14111" },
      { label: "Cosine > 0.9" },
      { label: "Mean best cosine", digits: 3 },
      { label: "MCC", digits: 3 },
      { label: "Unique latents, %", digits: 1 },
    ],
    rows,
    note:
      "Cosine: largest signed cosine of a true feature with a decoder row (Eq. 6). MCC: mean |cosine| of the best one-to-one matching. " +
      "Unique latents: distinct best features of the latents. The random dictionary is the floor of every column: decoder rows uniform on the sphere.",
  };
}

function floorRow(setting: SettingName, floors: readonly RandomDictionaryResult[], features: number): ReportCell[] {
  const fraction = (at: number) => mean(floors.map(({ recovered }) => recovered[at].fraction.mean));
  return [
    shortTitle[setting],
    "Random dictionary",
    countText(fraction(0) * features, features),
    null,
    null,
    countText(fraction(1) * features, features),
    mean(floors.map(({ meanCosine }) => meanCosine.mean)),
    mean(floors.map(({ mcc }) => mcc.mean)),
    null,
  ];
}

function driftTable({ options }: SyntheticPlan, groups: readonly SyntheticGroup[]): ReportTable {
  const { n, recipe } = options;
  const shares = [0.05, 0.1, 1].filter((share) => options.snapshots.includes(share));
  return {
    caption: "How far decoder rows turned from their random start",
    columns: [
      { label: "Setting" },
      { label: "Architecture" },
      ...shares.flatMap((share) => [
        { label: `Cosine, ${shareText(share)}`, digits: 3 },
        { label: `EV, ${shareText(share)}`, digits: 2 },
      ]),
      { label: "Rows ≥ 0.8, end, %", digits: 1 },
    ],
    rows: groups.map(({ setting, title, results }): ReportCell[] => {
      const at = shares.flatMap((share) => {
        const points = results.flatMap((result) => snapshotAt(result, share, recipe.steps) ?? []);
        if (points.length === 0) return [null, null];
        return [
          mean(points.map(({ drift }) => drift.mean)),
          mean(points.map(({ explainedVariance }) => explainedVariance)),
        ];
      });
      const end = results.length === 0 ? null : 100 * mean(results.map(({ drift }) => drift.fractionAtLeastTau));
      return [shortTitle[setting], title, ...at, end];
    }),
    note:
      `Cosine: mean over the rows of the cosine with the initial row, and EV under the training rule, after that share of the steps. ` +
      capBoundText({ dModel: n, dSae: recipe.dSae }),
  };
}

const shareText = (share: number): string => (share === 1 ? "end" : `${share * 100} %`);

const countText = (count: number, of: number): string =>
  `${Number.isInteger(count) ? groupThousands(count) : count.toFixed(1)} (${percent(count / of)})`;

const intervalText = ({ low, high }: { readonly low: number | null; readonly high: number | null }): string | null =>
  low === null || high === null ? null : `${(100 * low).toFixed(2)} to ${(100 * high).toFixed(2)} %`;
