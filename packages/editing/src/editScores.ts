import { type ScoredUnit, type UnitScores, unitScores } from "@sae/metrics";
import type { EditPair, PairKind } from "./pairs.js";

/** Group of a pair in scores: `Country/cause`. */
export const groupOf = ({ edited, kind }: Pick<EditPair, "edited" | "kind">): string => `${edited}/${kind}`;

const attributeOf = ({ group = "" }: ScoredUnit): string => group.slice(0, group.lastIndexOf("/"));

/** Pairs with their scores, as units: the same pair has the same id whatever edits it. */
export const scoredPairs = (pairs: readonly EditPair[], scores: ArrayLike<number>): ScoredUnit[] =>
  pairs.map((pair, i) => ({ id: pair.id, group: groupOf(pair), value: scores[i] as number }));

/** The scores of an edit. Values of units are weighted, see `editScores`. */
export interface EditScores {
  /** Of cause pairs that got the source's value, mean over attributes, then over kinds of entities. */
  readonly cause: UnitScores;
  /** Of isolation pairs that kept their value, mean over attributes, then over kinds of entities. */
  readonly isolation: UnitScores;
  /** Disentanglement: the mean of both, mean over attributes, then over kinds of entities. */
  readonly disentanglement: UnitScores;
}

/**
 * Scores of edited pairs: means over the pairs of each attribute and kind, then over the attributes of each kind of entities (Huang et al. 2024,
 * arXiv 2402.17700, section 3), then over kinds of entities (SAEBench, Karvonen et al. 2025, arXiv 2503.09532).
 *
 * Who resamples units takes the plain mean over attributes. For that to be the score, a unit's value is its pair's times A / (E · a): A attributes in all,
 * E kinds of entities, a attributes of the pair's own kind. The weight is 1 where all kinds have equally many.
 *
 * @param entityTypeOf the kind of entities that an attribute is of; one for all when left out
 * @throws SaeError `nothing_measured` without pairs of one of the kinds
 */
export function editScores(
  units: readonly ScoredUnit[],
  entityTypeOf: (attribute: string) => string | undefined = () => undefined,
): EditScores {
  const weights = attributeWeights(new Set(units.map(attributeOf)), entityTypeOf);
  const weighted = units.map((unit) => ({ ...unit, value: unit.value * (weights.get(attributeOf(unit)) as number) }));
  const of = (kind: PairKind) => unitScores(weighted.filter(({ group = "" }) => group.endsWith(`/${kind}`)));
  return { cause: of("cause"), isolation: of("isolation"), disentanglement: unitScores(weighted) };
}

/** Weights with which a mean over all attributes is a mean over kinds of entities of means over their attributes. */
function attributeWeights(
  attributes: ReadonlySet<string>,
  entityTypeOf: (attribute: string) => string | undefined,
): ReadonlyMap<string, number> {
  const counts = new Map<string | undefined, number>();
  for (const attribute of attributes) {
    const entityType = entityTypeOf(attribute);
    counts.set(entityType, (counts.get(entityType) ?? 0) + 1);
  }
  const weightOf = (attribute: string): number =>
    attributes.size / (counts.size * (counts.get(entityTypeOf(attribute)) as number));
  return new Map([...attributes].map((attribute) => [attribute, weightOf(attribute)]));
}
