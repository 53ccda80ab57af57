import { SaeError } from "@sae/core";
import type { Context } from "./contexts.js";

/** Which tokens of a context give a row of activations. Padding never does. */
export interface RowSelection {
  /** Leaves out the tokens that begin documents and contexts, wherever they stand: their activations are far larger than others. Default true. */
  readonly skipBos?: boolean;
  /** Further tokens that are left out. */
  readonly skipTokens?: readonly number[];
  /** So many tokens at the start of each context are left out. Default 0. */
  readonly skipPositions?: number;
}

/** Positions in a context that give a row, and how many others there are. */
export interface SelectedRows {
  readonly positions: readonly number[];
  /** Tokens left out for their place. */
  readonly early: number;
  /** Further ones, left out for what they are. */
  readonly special: number;
}

/**
 * The rule by which rows are chosen.
 *
 * @param starts tokens that begin documents and contexts
 * @throws SaeError `bad_option`
 */
export function rowSelector(starts: readonly number[], selection: RowSelection): (context: Context) => SelectedRows {
  const { skipBos = true, skipTokens = [], skipPositions = 0 } = selection;
  if (!Number.isSafeInteger(skipPositions) || skipPositions < 0) {
    throw new SaeError("bad_option", `select rows: needed skipPositions of at least 0, got ${skipPositions}`);
  }
  const skipped = new Set(skipBos ? [...starts, ...skipTokens] : skipTokens);
  return ({ tokens, length }) => {
    const positions: number[] = [];
    const first = Math.min(skipPositions, length);
    for (let position = first; position < length; position++) {
      if (!skipped.has(tokens[position])) positions.push(position);
    }
    return { positions, early: first, special: length - first - positions.length };
  };
}
