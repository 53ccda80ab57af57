import { key } from "@sae/core";
import fc from "fast-check";
import { expect, test } from "vitest";
import { oneVsRest } from "./oneVsRest.js";

/** Classes whose texts are numbered through: c0 has the first ones. */
function classesOf(...sizes: readonly [number, number][]) {
  let next = 0;
  const take = (count: number) => Array.from({ length: count }, () => next++);
  return sizes.map(([train, tests], i) => ({ name: `c${i}`, train: take(train), test: take(tests) }));
}

test("each class against the others, with equal halves and equal shares", () => {
  const classes = classesOf([9, 3], [9, 3], [9, 3]);
  const { tasks, messages } = oneVsRest({ name: "set" }, classes, key(0));
  expect(messages).toEqual([]);
  expect(tasks.map(({ id, dataset }) => [id, dataset])).toEqual([
    ["set/c0", "set"],
    ["set/c1", "set"],
    ["set/c2", "set"],
  ]);
  const { train } = tasks[0];
  const texts = (label: number) => [...train.rows].filter((_, i) => train.labels[i] === label).sort((a, b) => a - b);
  expect(texts(1)).toEqual(classes[0].train);
  expect(texts(0).length).toBe(9);
  // ⌈9 / 2⌉ = 5 of each, and one of the ten cut off.
  const shares = [1, 2].map((i) => texts(0).filter((text) => classes[i].train.includes(text)).length).sort();
  expect(shares).toEqual([4, 5]);
  expect(oneVsRest({ name: "set" }, classes, key(0)).tasks).toEqual(tasks);
  expect(oneVsRest({ name: "set" }, classes, key(1)).tasks).not.toEqual(tasks);
});

test("small classes give all they have, and positives are left out where that does not do", () => {
  const [large, small] = oneVsRest({ name: "set" }, classesOf([20, 10], [3, 2], [4, 1]), key(0)).tasks;
  expect([large.train.rows.length, large.test.rows.length]).toEqual([14, 6]);
  expect([small.train.rows.length, small.test.rows.length]).toEqual([6, 4]);
});

test("only some classes may be asked for", () => {
  const classes = classesOf([4, 2], [4, 2]);
  expect(oneVsRest({ name: "set", positives: ["c1"] }, classes, key(0)).tasks.map(({ id }) => id)).toEqual(["set/c1"]);
});

test("of two classes both tasks are one question, of the same texts with the answers exchanged", () => {
  const { tasks } = oneVsRest({ name: "set" }, classesOf([4, 2], [4, 2]), key(0));
  expect(tasks.map(({ id, question }) => [id, question])).toEqual([
    ["set/c0", "set/c0 or c1"],
    ["set/c1", "set/c0 or c1"],
  ]);
  const answers = tasks.map(({ train }) => new Map([...train.rows].map((text, i) => [text, train.labels[i]])));
  for (const [text, label] of answers[0]) expect(answers[1].get(text)).toBe(1 - label);
  const ofThree = oneVsRest({ name: "set" }, classesOf([4, 2], [4, 2], [4, 2]), key(0)).tasks;
  expect(ofThree.every(({ question }) => question === undefined)).toBe(true);
});

test("where there is no task, it says why", () => {
  const reason = (positives: string[] | undefined, ...sizes: [number, number][]) =>
    oneVsRest({ name: "set", ...(positives && { positives }) }, classesOf(...sizes), key(0)).messages;
  expect(reason(undefined, [4, 2])).toEqual([
    "set: one-vs-rest needs at least 2 classes with enough texts, there is c0; no task",
  ]);
  expect(reason(undefined)).toEqual([
    "set: one-vs-rest needs at least 2 classes with enough texts, there is none; no task",
  ]);
  expect(reason(["c9"], [4, 2], [4, 2])).toEqual(["set: one-vs-rest needs one of c9, there is c0, c1; no task"]);
});

test("halves are equal and no text occurs twice, whatever the classes", () => {
  const size = fc.tuple(fc.integer({ min: 1, max: 30 }), fc.integer({ min: 1, max: 9 }));
  fc.assert(
    fc.property(fc.array(size, { minLength: 2, maxLength: 5 }), (sizes) => {
      const classes = classesOf(...sizes);
      for (const [i, task] of oneVsRest({ name: "set" }, classes, key(3)).tasks.entries()) {
        for (const side of ["train", "test"] as const) {
          const { rows, labels } = task[side];
          expect(labels.reduce((sum, label) => sum + label, 0) * 2).toBe(rows.length);
          expect(rows.length).toBeGreaterThan(0);
          expect(new Set(rows).size).toBe(rows.length);
          rows.forEach((text, at) => {
            expect(classes[i][side].includes(text)).toBe(labels[at] === 1);
          });
        }
      }
    }),
  );
});
