import { join } from "node:path";
import { readNpy, SaeError } from "@sae/core";
import { nullBestCosine } from "@sae/metrics";
import { syntheticModel } from "@sae/synthetic";
import { budgetCurve } from "../figures/budgetCurve.js";
import { explainedVarianceBars } from "../figures/explainedVarianceBars.js";
import { recoveryGrid } from "../figures/recoveryGrid.js";
import type { NullBand, Recovery } from "../figures/recoveryPanel.js";
import { recoveryScatter } from "../figures/recoveryScatter.js";
import type { RandomDictionaryResult } from "../jobs/randomDictionaryJob.js";
import type { FigureRecord, ReportFigure } from "../report/report.js";
import { driftFigure } from "./driftFigure.js";
import { estimateOf } from "./estimates.js";
import { paperNumbers } from "./paperNumbers.js";
import { type SyntheticGroup, settingTitle, varianceOf } from "./syntheticGroups.js";
import { type SettingName, type SyntheticPlan, syntheticData } from "./syntheticPlan.js";

/** The architectures of the main text; the others are in the appendix. */
const mainText = ["batchtopk", "jumprelu"];

/** Figures 2, 3, 9 and 11 of the paper, and the budget curve, of what has finished. */
export async function syntheticFigures(
  plan: SyntheticPlan,
  groups: readonly SyntheticGroup[],
  floors: readonly RandomDictionaryResult[],
): Promise<ReportFigure[]> {
  const finished = groups.filter(({ results }) => results.length > 0);
  const { recipe, n } = plan.options;
  const band: NullBand = floors[0]?.featureCosine ?? {
    low: nullBestCosine({ dModel: n, candidates: recipe.dSae, q: 0.025 }),
    high: nullBestCosine({ dModel: n, candidates: recipe.dSae, q: 0.975 }),
  };
  const recoveries = await Promise.all(finished.map((group) => recoveryOfGroup(plan, group)));
  const main = (setting: SettingName) => {
    const own = recoveries.filter((recovery) => recovery.setting === settingTitle[setting]);
    const chosen = own.filter(({ architecture }) => mainText.includes(architecture));
    return chosen.length > 0 ? chosen : own;
  };
  const scatter = (setting: SettingName, number: number): ReportFigure[] =>
    main(setting).length === 0
      ? []
      : [
          {
            id: `recovery-${setting}`,
            caption: `Best cosine of every true feature, ${settingTitle[setting].toLowerCase()} (Figure ${number} of the paper). The grey band is what random directions reach.`,
            drawing: recoveryScatter({ recoveries: main(setting), nullBand: band }),
            data: recoveryData(main(setting)),
            definition: bestCosineText,
          },
        ];
  return [
    varianceFigure(finished),
    ...scatter("constant", 2),
    ...scatter("variable", 3),
    {
      id: "recovery-all",
      caption: "Recovery in every setting by every architecture (Figure 9 of the paper).",
      drawing: recoveryGrid({ recoveries, nullBand: band }),
      data: recoveryData(recoveries),
      definition: bestCosineText,
    },
    ...budgetFigure(plan, finished),
    ...ownDriftFigure(plan, finished),
  ];
}

const bestCosineText =
  "Largest signed cosine of a true feature with a decoder row (Eq. 6 of arXiv 2602.14111), a dot for each feature of the first seed.";

function varianceFigure(groups: readonly SyntheticGroup[]): ReportFigure {
  const bars = groups.map(({ setting, variant, results }) => ({
    setting: settingTitle[setting],
    architecture: variant,
    explainedVariance: estimateOf(results.map(varianceOf)),
    reported: paperNumbers[setting]?.[variant]?.explainedVariance,
  }));
  return {
    id: "explained-variance",
    caption: "Explained variance of each architecture, and what the paper reports (Figures 2, 3 and 9, left).",
    drawing: explainedVarianceBars({ bars }),
    data: bars.map(({ setting, architecture, explainedVariance: { mean, low, high, n, method }, reported }) => ({
      setting,
      architecture,
      explainedVariance: mean,
      low,
      high,
      n,
      interval: method,
      paper: reported ?? null,
    })),
    definition: "1 − E‖x − x̂‖² / E‖x − E[x]‖² on held-out samples, under the rule for use.",
  };
}

/** Of the first seed: a dot is a feature of one truth. */
async function recoveryOfGroup({ options }: SyntheticPlan, group: SyntheticGroup): Promise<Recovery> {
  const { setting, variant, folders, seeds } = group;
  const path = join(folders[0], "best_cosine.npy");
  const { data } = await readNpy(path).catch((cause: unknown) => {
    throw new SaeError(
      "read_failed",
      `${path}: needed the cosines of a finished job; delete its folder to compute it again`,
      {
        cause,
      },
    );
  });
  const { kind: _, ...truth } = syntheticData(options, setting, seeds[0]) as { kind: "synthetic" } & Parameters<
    typeof syntheticModel
  >[0];
  return {
    architecture: variant,
    setting: settingTitle[setting],
    cosine: data as Float32Array,
    ...(setting === "variable" && { probability: syntheticModel(truth).probabilities }),
    reported: paperNumbers[setting]?.[variant]?.recovered,
  };
}

/** A row for each feature, a column for each panel. */
function recoveryData(recoveries: readonly Recovery[]): FigureRecord[] {
  const withProbability = recoveries.find(({ probability }) => probability !== undefined)?.probability;
  return Array.from(recoveries[0].cosine, (_, feature) => ({
    feature,
    ...(withProbability && { probability: rounded(withProbability[feature], 4) }),
    ...Object.fromEntries(
      recoveries.map(({ architecture, setting, cosine }) => [
        `${architecture}, ${setting.toLowerCase()}`,
        rounded(cosine[feature], 4),
      ]),
    ),
  }));
}

const rounded = (value: number, digits: number): number => Number(value.toPrecision(digits));

function budgetFigure({ options }: SyntheticPlan, groups: readonly SyntheticGroup[]): ReportFigure[] {
  const points = groups.flatMap(({ setting, variant, results, seeds }) =>
    results.flatMap(({ snapshots }, i) =>
      snapshots.map(({ samples, explainedVariance, recovered, meanBestCosine }) => ({
        setting: settingTitle[setting],
        architecture: variant,
        seed: seeds[i],
        samples,
        explainedVariance,
        recovered: recovered?.[0].count ?? 0,
        meanBestCosine,
      })),
    ),
  );
  if (points.length === 0) return [];
  return [
    {
      id: "budget-curve",
      caption:
        "Explained variance (training rule) and recovered features against the samples seen. The first points of a run may explain less than nothing.",
      drawing: budgetCurve({ points, features: options.features }),
      data: points,
      definition:
        "Explained variance under the training rule, and the number of true features whose best cosine with a decoder row is above 0.8, of the SAE as it was after so many samples.",
    },
  ];
}

/** JumpReLU's, as in the paper, or that of the first architecture there is. */
function ownDriftFigure({ options }: SyntheticPlan, groups: readonly SyntheticGroup[]): ReportFigure[] {
  const group = [...groups].reverse().find(({ variant }) => variant === "jumprelu") ?? groups[0];
  const { setting, variant, title, results } = group;
  const of = `${title}, ${settingTitle[setting].toLowerCase()}`;
  const { steps } = options.recipe;
  return driftFigure({ id: "decoder-drift", of, variant, result: results[0], steps, shares: [0.05, 0.1, 1] });
}
