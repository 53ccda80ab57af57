import {
  type AttributePairs,
  type EditPair,
  type EditScores,
  editScores,
  type PairKind,
  scoredPairs,
} from "@sae/editing";

/** How an edit did for one attribute. */
export interface EditSummary {
  readonly attribute: string;
  readonly cause: number;
  readonly isolation: number;
}

/** Means over the pairs of each kind. */
export function summaryOf({ attribute, test }: AttributePairs, values: ArrayLike<number>): EditSummary {
  const mean = (kind: PairKind): number => {
    const own = test.flatMap((pair, i) => (pair.kind === kind ? [values[i]] : []));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  return { attribute, cause: mean("cause"), isolation: mean("isolation") };
}

/** Scores over all attributes, each kind of entities counting alike. */
export function scoresOf(
  attributes: readonly AttributePairs[],
  values: (attribute: AttributePairs, i: number) => ArrayLike<number>,
): EditScores {
  const entityTypes = new Map(attributes.map(({ attribute, entityType }) => [attribute, entityType]));
  return editScores(
    attributes.flatMap((own, i) => scoredPairs(own.test as EditPair[], values(own, i))),
    (attribute) => entityTypes.get(attribute),
  );
}

/** The mean of both. */
export const disentanglementOf = ({ cause, isolation }: Pick<EditSummary, "cause" | "isolation">): number =>
  (cause + isolation) / 2;
