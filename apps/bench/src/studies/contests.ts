import { advantage, type Contest, type Interval, verdictOf } from "@sae/metrics";
import { findVariant } from "../jobs/findByName.js";
import type { ReportVerdict } from "../report/report.js";
import { meanScore, type ScoredGroup } from "./comparisonGroups.js";
import { type ComparisonSize, commonSeeds, comparisonSize } from "./comparisonSize.js";
import type { Measured } from "./measured.js";

/** A measure with who was compared with whom, and what came of it. */
export interface Judged extends Measured {
  readonly cells: readonly Cell[];
  /** All architectures and targets together; null where nothing could be compared, and for controls of an evaluation. */
  readonly overall: ReportVerdict | null;
}

/** One architecture at one target L0. */
interface Cell {
  readonly l0: number;
  readonly variant: string;
  /** With a score, or null. */
  readonly trained: ScoredGroup | null;
  /** Against the random baselines, and against the controls. */
  readonly baseline: Duel | null;
  readonly control: Duel | null;
  readonly verdict: ReportVerdict | null;
}

/** The strongest of some opponents, and the difference of training to it. */
export interface Duel {
  readonly opponent: ScoredGroup;
  /** Trained − strongest opponent, see `advantage` of @sae/metrics. */
  readonly difference: Interval;
  readonly size: ComparisonSize;
}

/** Compares training with the strongest random baseline, and beside it with the strongest control. */
export function judge(measured: Measured): Judged {
  const { groups, measure } = measured;
  const names = [...new Set(groups.map(({ l0, variant }) => JSON.stringify([l0, variant])))];
  const judged = names.map((name) => {
    const own = groups.filter(({ l0, variant }) => JSON.stringify([l0, variant]) === name);
    return judgeCell(measured, own);
  });
  const decided = judged.filter(({ cell }) => cell.baseline !== null);
  return {
    ...measured,
    cells: judged.map(({ cell }) => cell),
    overall: measure.isControl ? null : judgeAll(measured, decided),
  };
}

/** All verdicts of a measure, the overall one first. */
export const verdictsOf = ({ overall, cells }: Judged): ReportVerdict[] => [
  ...(overall === null ? [] : [overall]),
  ...cells.flatMap(({ verdict }) => verdict ?? []),
];

interface JudgedCell {
  readonly cell: Cell;
  readonly contest: Contest | null;
  readonly missing: readonly string[];
}

function judgeCell(measured: Measured, own: readonly ScoredGroup[]): JudgedCell {
  const inRole = (role: string) => own.filter(({ condition }) => condition.role === role);
  const scored = (role: string) => inRole(role).filter(({ estimate }) => estimate !== null);
  const [{ l0, variant }] = own;
  const trained = scored("trained")[0] ?? null;
  const missing = inRole("baseline").flatMap(({ estimate, condition }) => (estimate === null ? [condition.title] : []));
  const baseline = duelOf(measured, trained, scored("baseline"));
  const verdict =
    baseline === null || measured.measure.isControl
      ? null
      : verdictOn(measured, baseline.difference, {
          scope: `${findVariant(variant).title}, L0 ${l0}`,
          opponent: baseline.opponent.condition.title,
          ...baseline.size,
          ...(missing.length > 0 && { missing }),
        });
  return {
    cell: { l0, variant, trained, baseline, control: duelOf(measured, trained, scored("control")), verdict },
    contest: trained && contestOf(trained, scored("baseline")),
    missing,
  };
}

/** Training against the strongest of some groups, over the seeds that all of them have; null without any. */
function duelOf(
  { measure: { pairing, lessIsBetter = false } }: Measured,
  trained: ScoredGroup | null,
  opponents: readonly ScoredGroup[],
): Duel | null {
  const contest = trained && contestOf(trained, opponents);
  if (!contest) return null;
  const means = contest.opponents.map(meanScore);
  const best = lessIsBetter ? Math.min(...means) : Math.max(...means);
  return {
    opponent: opponents[means.indexOf(best)],
    difference: advantage([contest], { pairing, lessIsBetter }),
    size: comparisonSize(sidesOf([contest])),
  };
}

/** Over the seeds that all have; null when there are none, or nobody to beat. */
function contestOf(trained: ScoredGroup, opponents: readonly ScoredGroup[]): Contest | null {
  const everyone = [trained, ...opponents].map(({ scores }) => scores);
  const seeds = commonSeeds(everyone);
  if (opponents.length === 0 || seeds.length === 0) return null;
  const [first, ...rest] = everyone.map((scores) => scores.filter(({ seed }) => seeds.includes(seed)));
  return { trained: first, opponents: rest };
}

const sidesOf = (contests: readonly Contest[]) => contests.flatMap(({ trained, opponents }) => [trained, ...opponents]);

/** Mean over cells of trained − strongest, over the seeds that all cells have. */
function judgeAll(measured: Measured, decided: readonly JudgedCell[]): ReportVerdict | null {
  const contests = decided.flatMap(({ contest }) => contest ?? []);
  const sides = sidesOf(contests);
  if (contests.length === 0 || commonSeeds(sides).length === 0) return null;
  const { pairing, lessIsBetter = false } = measured.measure;
  const cells = decided.map(({ cell }) => cell);
  const missing = [...new Set(decided.flatMap((cell) => cell.missing))];
  return verdictOn(measured, advantage(contests, { pairing, lessIsBetter }), {
    scope: overallScope(cells),
    isOverall: true,
    opponent: countedNames(cells.flatMap(({ baseline }) => baseline?.opponent.condition.title ?? [])),
    ...comparisonSize(sides),
    ...(missing.length > 0 && { missing }),
  });
}

function verdictOn(
  { measure, floor }: Measured,
  difference: Interval,
  about: Pick<ReportVerdict, "scope" | "opponent" | "isOverall" | "missing" | "seeds" | "units">,
): ReportVerdict {
  const { label: metric, definition, smallestEffect, lessIsBetter = false } = measure;
  const { verdict, isSmall } = verdictOf(difference, { smallestEffect, lessIsBetter });
  return {
    metric,
    ...about,
    verdict,
    ...(isSmall && { isSmall }),
    difference,
    smallestEffect,
    lessIsBetter,
    floor,
    definition,
  };
}

function overallScope(cells: readonly Cell[]): string {
  const variants = [...new Set(cells.map(({ variant }) => findVariant(variant).title))];
  const l0s = [...new Set(cells.map(({ l0 }) => l0))].sort((a, b) => a - b);
  return `${variants.join(", ")}; L0 ${l0s.join(", ")}`;
}

/** "Soft-frozen decoder, iso (3 of 4); Frozen decoder, cov (1 of 4)": the strongest, most often first. */
function countedNames(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  if (counts.size === 1) return names[0];
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} (${count} of ${names.length})`)
    .join("; ");
}
