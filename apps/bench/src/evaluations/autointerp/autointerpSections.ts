import {
  accuracy,
  balancedAccuracy,
  chanceCorrected,
  INTERPRETABLE_ABOVE,
  type Judgement,
  shareAbove,
} from "@sae/interp";
import { groupThousands } from "../../figures/numberText.js";
import { scoreHistogram } from "../../figures/scoreHistogram.js";
import { findVariant } from "../../jobs/findByName.js";
import { definitions } from "../../report/definitions.js";
import type { ReportCell, ReportContexts, ReportFigure, ReportSection, ReportTable } from "../../report/report.js";
import { type ConditionGroup, conditionGroups } from "../../studies/comparisonGroups.js";
import { mainArchitecture, mainTarget } from "../../studies/mainTarget.js";
import { mean } from "../../studies/syntheticGroups.js";
import type { ShownEvaluation } from "../evaluation.js";
import type { autointerpConfig } from "./autointerpConfig.js";
import type { AutointerpJobResult, AutointerpLatent } from "./autointerpJob.js";
import { autointerpId, type ExplainerName, explainers } from "./explainers.js";

type Shown = ShownEvaluation<typeof autointerpConfig>;

/** An architecture in a condition at a target, with the results of its seeds. */
interface JudgedGroup extends ConditionGroup {
  readonly found: readonly AutointerpJobResult[];
}

/** Distribution of the scores (Figure 5 of arXiv 2602.14111), every condition's numbers, and texts of some latents (Figure 6). */
export function autointerpSections(shown: Shown, name: ExplainerName): ReportSection[] {
  const { plan, results, jobOf } = shown;
  const groups = conditionGroups(plan).map(
    (group): JudgedGroup => ({
      ...group,
      found: group.runs.flatMap((run) => results.of<AutointerpJobResult>(jobOf(run)) ?? []),
    }),
  );
  if (groups.every(({ found }) => found.length === 0)) return [];
  const id = autointerpId(name);
  const { title, about } = explainers[name];
  const target = mainTarget(plan.options);
  const main = groups.filter(({ l0 }) => l0 === target);
  return [
    {
      heading: `What latents are about (${title})`,
      prose: [about, protocol(shown, groups)],
      tables: [everyCondition(groups)],
      figures: histogramOf(main, id, `AutoInterp (${title})`, target),
      contexts: contextsOf(
        main.filter(({ variant }) => variant === mainArchitecture(plan.options.variants)),
        id,
        title,
        target,
      ),
    },
  ];
}

function protocol({ config }: Shown, groups: readonly JudgedGroup[]): string {
  const tokens = Math.max(...groups.flatMap(({ found }) => found.map((result) => result.tokens)));
  return (
    `Up to ${config.latents} latents of each SAE, drawn of those that are active on at least ${config.deadBelow} of the ${groupThousands(tokens)} tokens, in ${config.fewestExamples} or more contexts to explain with and ${config.fewestJudged} to judge on. ` +
    `The explainer sees the strongest ${config.window} tokens of up to ${config.examples} contexts; the judge up to ${config.judged} activating sequences of every strength and as many with no activation at all, from other contexts. ` +
    "The texts are those that the SAEs were trained on, but for the held-out ones."
  );
}

const judgementsOf = (found: readonly AutointerpJobResult[], of: (latent: AutointerpLatent) => Judgement | null) =>
  found.flatMap(({ latents }) => latents.flatMap((latent) => of(latent) ?? []));

/** Scores of the judgements that have one. */
const scoresOf = (judgements: readonly Judgement[], score: (judgement: Judgement) => number | null): number[] =>
  judgements.flatMap((judgement) => score(judgement) ?? []);

const own = ({ judgement }: AutointerpLatent): Judgement => judgement;

/** All numbers of every condition. */
function everyCondition(groups: readonly JudgedGroup[]): ReportTable {
  const rows = groups.map(({ l0, variant, condition, found }): ReportCell[] => {
    const head = [l0, findVariant(variant).title, condition.title];
    const judgements = judgementsOf(found, own);
    const scores = scoresOf(judgements, accuracy);
    if (found.length === 0) return [...head, ...Array<null>(9).fill(null)];
    const average = (values: readonly number[]): number | null => (values.length === 0 ? null : mean(values));
    const control = judgementsOf(found, (latent) => latent.control);
    const count = (of: (result: AutointerpJobResult) => number): number => mean(found.map(of));
    return [
      ...head,
      average(scores),
      average(scoresOf(judgements, balancedAccuracy)),
      average(scoresOf(judgements, chanceCorrected)),
      scores.length === 0 ? null : shareAbove(scores),
      average(scoresOf(control, accuracy)),
      scores.length,
      count(({ counts }) => (100 * counts.dead) / counts.dSae),
      count(({ counts }) => counts.rare + counts.dense),
      judgements.reduce((total, { unreadable }) => total + unreadable, 0),
    ];
  });
  return {
    caption: "Every architecture in every condition: descriptions of latents",
    columns: [
      { label: "L0 target" },
      { label: "Architecture" },
      { label: "Condition" },
      { label: "Accuracy", digits: 3, definition: "(TP + TN) / answers of a latent, mean over latents; chance 0.5." },
      { label: "Balanced", digits: 3, definition: "Mean of the accuracies on active and on inactive sequences." },
      { label: "Chance-corrected", digits: 3, definition: "2 · balanced accuracy − 1: 0 at chance, 1 at best." },
      {
        label: `Above ${INTERPRETABLE_ABOVE}`,
        digits: 3,
        definition: `Share of the latents with an accuracy above ${INTERPRETABLE_ABOVE}.`,
      },
      { label: "Shuffled", digits: 3, definition: "Accuracy with the description of another latent: the control." },
      { label: "Latents", digits: 0, definition: "Latents with a score, of all seeds." },
      { label: "Dead, %", digits: 1, definition: definitions.dead },
      {
        label: "Left out",
        digits: 0,
        definition:
          "Latents that are active in too few contexts, and those drawn that are inactive in too few, mean over seeds.",
      },
      { label: "Unreadable", digits: 0, definition: "Answers of the judge that could not be read; in no score." },
    ],
    rows,
  };
}

/** Figure 5 of the paper: all latents of all seeds. */
function histogramOf(groups: readonly JudgedGroup[], id: string, label: string, target: number): ReportFigure[] {
  const scored = groups.map((group) => ({ ...group, values: scoresOf(judgementsOf(group.found, own), accuracy) }));
  const distributions = scored.map(({ variant, condition, values }) => ({
    architecture: variant,
    condition: condition.id,
    values,
  }));
  if (distributions.every(({ values }) => values.length === 0)) return [];
  return [
    {
      id: `${id}-distribution`,
      caption: `Scores of single latents in every condition, target L0 ${target} (Figure 5 of the paper).`,
      drawing: scoreHistogram({
        metric: { label, definition: "accuracy of a latent's description", floor: { label: "chance", value: 0.5 } },
        distributions,
        threshold: INTERPRETABLE_ABOVE,
      }),
      data: groups.flatMap(({ variant, condition, found }) =>
        found.flatMap(({ latents }) =>
          latents.map(({ latent, description, judgement }) => ({
            architecture: variant,
            condition: condition.id,
            latent,
            score: accuracy(judgement),
            description,
          })),
        ),
      ),
      definition:
        "Share of a judge's answers that are right, of each latent that was judged: whether the latent is active somewhere in a text, told from its description alone.",
    },
  ];
}

/** Figure 6 of the paper, without the controls: a few latents of the first seed, from the best score to the worst. */
function contextsOf(groups: readonly JudgedGroup[], id: string, title: string, target: number): ReportContexts[] {
  return groups.flatMap(({ variant, condition, found }): ReportContexts[] => {
    if (condition.role === "control" || found.length === 0 || found[0].shown.length === 0) return [];
    const [{ latents, shown }] = found;
    const architecture = findVariant(variant).title;
    return [
      {
        id: `${id}-contexts-${variant}-${condition.id}`,
        caption: `${architecture}, ${condition.title.toLowerCase()}, target L0 ${target}: latents from the best score to the worst, with their strongest texts and descriptions by ${title} (Figure 6 of the paper).`,
        latents: shown.map(({ latent, sequences }) => {
          const { description, judgement } = latents.find((one) => one.latent === latent) as AutointerpLatent;
          return {
            title: `Latent ${latent}, ${condition.title.toLowerCase()}`,
            description,
            score: accuracy(judgement),
            sequences,
          };
        }),
      },
    ];
  });
}
