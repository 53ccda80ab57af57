import { expect, test } from "vitest";
import { type ProbeChoice, probeTask, type TaskResult, withoutTooLarge } from "./probeTask.js";
import { probingScoreId, probingScores } from "./probingScores.js";
import type { ProbingTask } from "./probingTask.js";
import { sparseRowsOf } from "./sparseRows.js";

const every: ProbeChoice = { ks: [1, 2], full: true, curveKs: [1], curveFull: true };
const rows = (from: number, count: number) => ({
  rows: Int32Array.from({ length: count }, (_, i) => from + i),
  labels: Uint8Array.from({ length: count }, (_, i) => (from + i) % 2),
});
const task: ProbingTask = { id: "set/odd", dataset: "set", train: rows(0, 20), test: rows(20, 10) };
/** Latent 1 is active on odd texts. */
const mean = sparseRowsOf(Array.from({ length: 30 }, (_, i) => [1, i % 2, 0]).flat(), 3);

test("all probes of a task", () => {
  const result = probeTask({ mean, last: mean }, task, every);
  expect(result).toMatchObject({
    id: "set/odd",
    dataset: "set",
    texts: { train: 20, test: 10 },
    activeLatents: 2,
    top: { 1: { latents: [1], accuracy: 1 }, 2: { latents: [1, 0], accuracy: 1 } },
    full: 1,
    curve: { 1: { latents: [1], auc: 1 } },
    curveFull: { auc: 1 },
  });
});

test("only those that are asked for and possible", () => {
  const few = probeTask({ mean, last: mean }, task, { ks: [9], full: false, curveKs: [], curveFull: false });
  expect(few).toMatchObject({ top: {}, full: null, curve: {}, curveFull: null });
  expect(withoutTooLarge({ ...every, ks: [1, 9], curveKs: [9, 16] }, 3)).toEqual({
    choice: { ...every, ks: [1], curveKs: [] },
    messages: [
      "probing with k = 9 needs at least 9 latents, there are 3; it is left out",
      "probing with k = 16 needs at least 16 latents, there are 3; it is left out",
    ],
  });
});

const scored = (id: string, accuracy: number): TaskResult => ({
  id,
  dataset: id.split("/")[0],
  texts: { train: 4, test: 2 },
  activeLatents: 1,
  top: { 1: { latents: [0], accuracy } },
  full: null,
  curve: {},
  curveFull: null,
});

test("scores are means over tasks, then over data sets", () => {
  const results = [scored("one/a", 1), scored("one/b", 0.5), scored("two/c", 0.5)];
  const scores = probingScores(results);
  expect(Object.keys(scores)).toEqual(["probing-top-1"]);
  expect(scores["probing-top-1"]).toEqual({
    value: 0.625,
    units: [
      { id: "one/a", group: "one", value: 1 },
      { id: "one/b", group: "one", value: 0.5 },
      { id: "two/c", group: "two", value: 0.5 },
    ],
  });
  expect(probingScores([])).toEqual({});
  expect([probingScoreId("top", "full"), probingScoreId("auc", "full")]).toEqual(["probing-full", "probing-auc-full"]);
});

test("tasks of one question are one unit", () => {
  const question = "one/a or b";
  const results = [{ ...scored("one/a", 1), question }, { ...scored("one/b", 0.5), question }, scored("two/c", 0.5)];
  expect(probingScores(results)["probing-top-1"]).toEqual({
    value: 0.625,
    units: [
      { id: question, group: "one", value: 0.75 },
      { id: "two/c", group: "two", value: 0.5 },
    ],
  });
  expect(probeTask({ mean, last: mean }, { ...task, question }, every).question).toBe(question);
});
