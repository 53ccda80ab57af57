import { SaeError } from "@sae/core";
import { didYouMean } from "../nearest.js";
import type { Evaluation } from "./evaluation.js";
import { evaluations } from "./index.js";

/** @throws SaeError `unknown_evaluation`, with the nearest name */
export function findEvaluation(id: string): Evaluation {
  const found = evaluations.find((evaluation) => evaluation.id === id);
  if (found) return found;
  const ids = evaluations.map((evaluation) => evaluation.id);
  throw new SaeError(
    "unknown_evaluation",
    `evaluation: needed one of ${ids.join(", ")}, got '${id}'${didYouMean(id, ids)}`,
  );
}
