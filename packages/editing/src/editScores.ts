import { type ScoredUnit, type UnitScores, unitScores } from "@sae/metrics";
import type { EditPair, PairKind } from "./pairs.js";

/** Group of a pair in scores: `Country/cause`. */
export const groupOf = ({ edited, kind }: Pick<EditPair, "edited" | "kind">): string => `${edited}/${kind}`;

/** Pairs with their scores, as units: the same pair has the same id whatever edits it. */
export const scoredPairs = (pairs: readonly EditPair[], scores: ArrayLike<number>): ScoredUnit[] =>
  pairs.map((pair, i) => ({ id: pair.id, group: groupOf(pair), value: scores[i] as number }));

/** The scores of an edit. */
export interface EditScores {
  /** Of cause pairs that got the source's value, mean over attributes. */
  readonly cause: UnitScores;
  /** Of isolation pairs that kept their value, mean over attributes. */
  readonly isolation: UnitScores;
  /** Disentanglement: the mean of both, mean over attributes. */
  readonly disentanglement: UnitScores;
}

/**
 * Scores of edited pairs: means over the pairs of each attribute and kind, then over attributes (Huang et al. 2024, arXiv 2402.17700, section 3).
 *
 * @throws SaeError `nothing_measured` without pairs of one of the kinds
 */
export function editScores(units: readonly ScoredUnit[]): EditScores {
  const of = (kind: PairKind) => unitScores(units.filter(({ group = "" }) => group.endsWith(`/${kind}`)));
  return { cause: of("cause"), isolation: of("isolation"), disentanglement: unitScores(units) };
}
