import type { Estimate } from "./estimate.js";
import { extent } from "./extent.js";
import { decimal } from "./numberText.js";
import type { SeriesStyles } from "./seriesStyle.js";

/** A metric as figures print it. */
export interface Metric {
  /** Name with its unit if it has one, for instance "Explained variance". */
  readonly label: string;
  /** Formula or protocol in a line. */
  readonly definition?: string;
  /** What chance, or doing nothing, scores. */
  readonly floor?: { readonly label: string; readonly value: number };
  /** Range of the axis; [0, 1] by default, widened to the data. */
  readonly range?: readonly [number, number];
  /** The axis does not go below this: what scores less is drawn at its end, with its number, and a note says so. */
  readonly least?: number;
}

/** One SAE's score. */
export interface ScorePoint {
  readonly architecture: string;
  /** `"trained"` or the name of a baseline. */
  readonly condition: string;
  /** Target L0. */
  readonly l0: number;
  readonly score: Estimate;
}

/** The axis: the metric's range, and whatever data or whisker lies outside. */
export function scoreDomain(
  { range = [0, 1], least = Number.NEGATIVE_INFINITY }: Metric,
  points: readonly ScorePoint[],
): [number, number] {
  const [low, high] = extent("scores", points.flatMap(endsOf));
  return [Math.max(least, Math.min(range[0], low)), Math.max(range[1], high)];
}

const endsOf = ({ score: { mean, low, high } }: ScorePoint): number[] => [mean, low ?? mean, high ?? mean];

/** Small print about what cannot be read off the picture. */
export function scoreNotes({ least }: Metric, points: readonly ScorePoint[]): string[] {
  const hasIntervals = points.some(({ score: { low } }) => low !== null);
  const isCut = least !== undefined && points.some((point) => Math.min(...endsOf(point)) < least);
  return [
    ...(hasIntervals ? ["Whiskers: 95 % interval."] : []),
    ...(isCut ? [`Scores below ${decimal(least, 1)} are drawn there.`] : []),
  ];
}

/** The scores in words. */
export function describeScores(
  points: readonly ScorePoint[],
  conditions: SeriesStyles,
  architectures: SeriesStyles,
): string[] {
  return points.map(
    ({ architecture, condition, l0, score }) =>
      `${architectures.of(architecture).label}, L0 ${l0}, ${conditions.of(condition).label}: ${decimal(score.mean, 3)}`,
  );
}
