import { advantage, type Contest, type Interval, verdictOf } from "@sae/metrics";
import { findVariant } from "../jobs/findByName.js";
import type { ReportVerdict } from "../report/report.js";
import { meanScore, type ScoredGroup } from "./comparisonGroups.js";
import { type ComparisonSize, commonSeeds, comparisonSize } from "./comparisonSize.js";
import type { Measured } from "./measured.js";
import { mean } from "./syntheticGroups.js";

/** A measure with who was compared with whom, and what came of it. */
export interface Judged extends Measured {
  readonly cells: readonly Cell[];
  /** All architectures and targets together; null where nothing could be compared, and where no verdict is about the measure. */
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
  /** Over the seeds that were compared. */
  readonly scores: ReportVerdict["scores"];
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
    overall: isJudged(measure) ? judgeAll(measured, decided) : null,
  };
}

/** Whether a verdict is about a measure at all. */
export const isJudged = ({ isControl = false, partOf }: Measured["measure"]): boolean =>
  !isControl && partOf === undefined;

/** All verdicts of a measure, the overall one first. */
export const verdictsOf = ({ overall, cells }: Judged): ReportVerdict[] => [
  ...(overall === null ? [] : [overall]),
  ...cells.flatMap(({ verdict }) => verdict ?? []),
];

interface JudgedCell {
  readonly cell: Cell;
  readonly contest: Contest | null;
  readonly leftOut: LeftOut;
}

/** What a verdict says of those that could not be compared. */
type LeftOut = Pick<ReportVerdict, "missing" | "lostSeeds">;

function judgeCell(measured: Measured, own: readonly ScoredGroup[]): JudgedCell {
  const inRole = (role: string) => own.filter(({ condition }) => condition.role === role);
  const [{ l0, variant }] = own;
  const trained = inRole("trained").find(({ estimate }) => estimate !== null) ?? null;
  const baselines = inRole("baseline");
  const meeting = trained && meetingOf(trained, baselines);
  const baseline = meeting && duelOf(measured, meeting);
  const control = trained && meetingOf(trained, inRole("control"));
  const leftOut = meeting === null ? {} : leftOutOf(meeting, baselines);
  const verdict =
    meeting === null || baseline === null || !isJudged(measured.measure)
      ? null
      : verdictOn(measured, baseline.difference, {
          scope: `${findVariant(variant).title}, L0 ${l0}`,
          opponent: baseline.opponent.condition.title,
          scores: baseline.scores,
          ...baseline.size,
          ...reachedBy(meeting.trained, baseline.opponent),
          ...leftOut,
        });
  return {
    cell: { l0, variant, trained, baseline, control: control && duelOf(measured, control), verdict },
    contest: meeting?.contest ?? null,
    leftOut,
  };
}

/** Training and those that it can be compared with. */
interface Meeting {
  readonly trained: ScoredGroup;
  readonly contest: Contest;
  /** In the order of the contest. */
  readonly opponents: readonly ScoredGroup[];
  readonly seeds: readonly number[];
}

/**
 * Everybody with a score, over the seeds that all have. Where there is no such seed, those with the fewest are left out until there is one: a baseline of
 * which one seed failed costs the others that seed, but not the comparison.
 */
function meetingOf(trained: ScoredGroup, opponents: readonly ScoredGroup[]): Meeting | null {
  const shared = ({ scores }: ScoredGroup) => commonSeeds([trained.scores, scores]).length;
  let left = opponents.filter(({ estimate }) => estimate !== null);
  while (left.length > 0) {
    const everyone = [trained, ...left].map(({ scores }) => scores);
    const seeds = commonSeeds(everyone);
    if (seeds.length > 0) {
      const [first, ...rest] = everyone.map((scores) => scores.filter(({ seed }) => seeds.includes(seed)));
      return { trained, contest: { trained: first, opponents: rest }, opponents: left, seeds };
    }
    const fewest = Math.min(...left.map(shared));
    const last = left.findLast((one) => shared(one) === fewest);
    left = left.filter((one) => one !== last);
  }
  return null;
}

function leftOutOf({ trained, opponents, seeds }: Meeting, baselines: readonly ScoredGroup[]): LeftOut {
  const missing = baselines.flatMap((one) => {
    if (opponents.includes(one)) return [];
    const reason = one.estimate !== null ? "no seed in common" : one.isUnscorable ? "nothing to score" : "no result";
    return [`${one.condition.title} (${reason})`];
  });
  const lostSeeds = trained.runs.map(({ seed }) => seed).filter((seed) => !seeds.includes(seed));
  return { ...(missing.length > 0 && { missing }), ...(lostSeeds.length > 0 && { lostSeeds }) };
}

const reachedBy = (trained: ScoredGroup, opponent: ScoredGroup): Pick<ReportVerdict, "reachedL0"> =>
  trained.reachedL0 === null || opponent.reachedL0 === null
    ? {}
    : { reachedL0: { trained: trained.reachedL0, opponent: opponent.reachedL0 } };

/** Training against the strongest of those it meets. */
function duelOf({ measure: { pairing, lessIsBetter = false } }: Measured, { contest, opponents }: Meeting): Duel {
  const means = contest.opponents.map(meanScore);
  const best = lessIsBetter ? Math.min(...means) : Math.max(...means);
  return {
    opponent: opponents[means.indexOf(best)],
    scores: { trained: meanScore(contest.trained), opponent: best },
    difference: advantage([contest], { pairing, lessIsBetter }),
    size: comparisonSize(sidesOf([contest])),
  };
}

const sidesOf = (contests: readonly Contest[]) => contests.flatMap(({ trained, opponents }) => [trained, ...opponents]);

/** Mean over cells of trained − strongest, over the seeds that all cells have. */
function judgeAll(measured: Measured, decided: readonly JudgedCell[]): ReportVerdict | null {
  const contests = decided.flatMap(({ contest }) => contest ?? []);
  const sides = sidesOf(contests);
  if (contests.length === 0 || commonSeeds(sides).length === 0) return null;
  const { pairing, lessIsBetter = false } = measured.measure;
  const cells = decided.map(({ cell }) => cell);
  const missing = [...new Set(decided.flatMap(({ leftOut }) => leftOut.missing ?? []))];
  const seeds = commonSeeds(sides);
  const lostSeeds = [...new Set(measured.plan.runs.map(({ seed }) => seed))].filter((seed) => !seeds.includes(seed));
  const meanOf = (side: keyof ReportVerdict["scores"]) =>
    mean(cells.flatMap(({ baseline }) => baseline?.scores[side] ?? []));
  return verdictOn(measured, advantage(contests, { pairing, lessIsBetter }), {
    scope: overallScope(cells),
    isOverall: true,
    opponent: countedNames(cells.flatMap(({ baseline }) => baseline?.opponent.condition.title ?? [])),
    scores: { trained: meanOf("trained"), opponent: meanOf("opponent") },
    ...comparisonSize(sides),
    ...(missing.length > 0 && { missing }),
    ...(lostSeeds.length > 0 && { lostSeeds }),
  });
}

function verdictOn(
  { measure, floor }: Measured,
  difference: Interval,
  about: Omit<
    ReportVerdict,
    "metric" | "verdict" | "isSmall" | "difference" | "smallestEffect" | "lessIsBetter" | "floor" | "definition"
  >,
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

/** "BatchTopK, JumpReLU at L0 32, 64; TopK at L0 32": the architectures, by the targets that they were compared at. */
function overallScope(cells: readonly Cell[]): string {
  const targetsOf = (variant: string) =>
    cells
      .flatMap((cell) => (cell.variant === variant ? [cell.l0] : []))
      .sort((a, b) => a - b)
      .join(", ");
  const byTargets = new Map<string, string[]>();
  for (const variant of new Set(cells.map((cell) => cell.variant))) {
    const targets = targetsOf(variant);
    byTargets.set(targets, [...(byTargets.get(targets) ?? []), findVariant(variant).title]);
  }
  return [...byTargets].map(([targets, titles]) => `${titles.join(", ")} at L0 ${targets}`).join("; ");
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
