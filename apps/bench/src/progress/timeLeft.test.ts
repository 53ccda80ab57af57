import { expect, test } from "vitest";
import { type MeasuredWork, timeLeft, type WorkLeft } from "./timeLeft.js";

const done = (kind: string, seconds: number | null, ms: number, share = 1): MeasuredWork => ({
  kind,
  seconds,
  ms,
  share,
});
const left = (kind: string, seconds: number | null, share = 1): WorkLeft => ({ kind, seconds, share });

test("nothing left takes no time, and nothing measured says nothing", () => {
  expect(timeLeft([], [], 1)).toBe(0);
  expect(timeLeft([], [left("train", 10)], 1)).toBeNull();
  expect(timeLeft([done("train", 10, 0, 0)], [left("train", 10)], 1)).toBeNull();
});

test("jobs with a cost take it at the pace of their kind", () => {
  const measured = [done("harvest", 10, 5000), done("train", 10, 40_000)];
  expect(timeLeft(measured, [left("train", 20)], 1)).toBe(80_000);
  expect(timeLeft(measured, [left("harvest", 20)], 1)).toBe(10_000);
  // Of a kind that has not run yet: at the pace of all, 45 s for 20.
  expect(timeLeft(measured, [left("splice", 20)], 1)).toBe(45_000);
});

test("jobs without a cost take as long as others of their kind, or as all", () => {
  const measured = [done("probing", null, 30_000), done("train", 10, 10_000)];
  expect(timeLeft(measured, [left("probing", null)], 1)).toBe(30_000);
  expect(timeLeft(measured, [left("ravel", null)], 1)).toBe(20_000);
  // A cost helps nothing while nothing with a cost was measured.
  expect(timeLeft([done("probing", null, 30_000)], [left("train", 5)], 1)).toBe(30_000);
});

test("a job on its way counts on both sides, and what runs at once shares the time", () => {
  const measured = [done("train", 100, 25_000, 0.5)];
  expect(timeLeft(measured, [left("train", 100, 0.5), left("train", 100)], 2)).toBe(37_500);
});
