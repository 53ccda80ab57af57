import { type ScoredUnit, type UnitScores, unitScores } from "@sae/metrics";
import { groupBy } from "./groupBy.js";
import type { TaskResult } from "./probeTask.js";

/** Name of a score: `probing-top-5`, `probing-full`, `probing-auc-16`, `probing-auc-full`. */
export const probingScoreId = (kind: "top" | "auc", k: number | "full"): string =>
  kind === "top" && k === "full" ? "probing-full" : `probing-${kind}-${k}`;

/**
 * Scores of all tasks: accuracies and areas under curves, averaged over the tasks of each data set and then over the data sets. Units are the tasks'
 * questions, grouped by data set: a task by its id, or two that ask the same by the mean of both. 0.5 is chance for each of them.
 *
 * @returns by {@link probingScoreId}; only scores that every task has
 */
export function probingScores(results: readonly TaskResult[]): Record<string, UnitScores> {
  const scored = new Map<string, (result: TaskResult) => number | null | undefined>();
  for (const { top, curve } of results) {
    for (const k of Object.keys(top)) scored.set(probingScoreId("top", Number(k)), (result) => result.top[k]?.accuracy);
    for (const k of Object.keys(curve)) scored.set(probingScoreId("auc", Number(k)), (result) => result.curve[k]?.auc);
  }
  scored.set(probingScoreId("top", "full"), ({ full }) => full);
  scored.set(probingScoreId("auc", "full"), ({ curveFull }) => curveFull?.auc);
  return Object.fromEntries(
    [...scored].flatMap(([id, scoreOf]) => {
      const scores = results.flatMap((result) => {
        const value = scoreOf(result);
        return typeof value === "number" ? [{ id: result.question ?? result.id, group: result.dataset, value }] : [];
      });
      return scores.length > 0 && scores.length === results.length ? [[id, unitScores(onePerQuestion(scores))]] : [];
    }),
  );
}

const onePerQuestion = (scores: readonly ScoredUnit[]): ScoredUnit[] =>
  [...groupBy(scores, ({ id }) => id).values()].map((same) => ({
    ...same[0],
    value: same.reduce((sum, { value }) => sum + value, 0) / same.length,
  }));
