import { expect, test } from "vitest";
import { z } from "zod";
import { costOf } from "../costs/cost.js";
import { defineJob, type Job, job } from "../jobs/job.js";
import { openDisplay } from "./display.js";
import { duration } from "./duration.js";
import { jobLine, studyLine, trackStudy } from "./studyProgress.js";

/** A kind of job whose cost is what its config says: so many seconds on the machine that costs are compared on. */
const paid = (kind: string) =>
  defineJob({
    kind,
    version: 1,
    config: z.object({ name: z.string(), seconds: z.number() }),
    cost: ({ seconds }) => costOf({ scalarOps: 1e9 * seconds }),
    run: async () => ({}),
  });
const costed = (kind: string, name: string, seconds: number): Job =>
  job(paid(kind), { name, seconds }, { title: `${kind} ${name}`, sizes: () => null });
/** One whose cost nobody knows. */
const unknown = (name: string): Job => job(paid("probing"), { name, seconds: 0 }, { title: `probing ${name}` });

const training = (seconds: number) => costed("train", `${seconds}`, seconds);

test.each([
  [0, "0:00"],
  [7_400, "0:07"],
  [754_000, "12:34"],
  [11_045_000, "3:04:05"],
  [Number.NaN, "?"],
])("%d ms is %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});

test("the time left follows the work that is left, not the number of jobs", () => {
  let now = 0;
  const [small, large, before] = [training(100), training(200), training(500)];
  const { events, state } = trackStudy([small, large, before], () => now);
  events.skipped([before]);
  events.started(small);
  expect(studyLine(state())).toBe("1 of 3 jobs done (1 before), 1 running");
  now = 10_000;
  events.finished(small); // 100 of 300 units in ten seconds
  events.started(large);
  expect(state().msLeft).toBe(20_000);
  now = 20_000;
  events.progress(large, { done: 0.5, text: "EV 0.500", msLeft: 9000 });
  expect(jobLine(state().running[0])).toBe("train 200   50 %  EV 0.500  0:09 left");
  expect(studyLine(state())).toBe("2 of 3 jobs done (1 before), 1 running, about 0:10 left");
  events.failed(large, new Error("x"));
  expect(studyLine(state())).toBe("2 of 3 jobs done (1 before), 0 running, 1 failed, about 0:00 left");
});

test("each kind has its own pace, and a kind without costs that of its jobs that are done", () => {
  let now = 0;
  const harvest = costed("harvest", "a", 10);
  const trainings = [training(100), training(300)];
  const probings = [unknown("a"), unknown("b")];
  const { events, state } = trackStudy([harvest, ...trainings, ...probings], () => now);
  const run = (item: Job, ms: number) => {
    events.started(item);
    now += ms;
    events.finished(item);
  };
  run(harvest, 20_000);
  // Nothing but a harvest was measured: 2 s for each of 400 units, and 20 s for each job without a cost.
  expect(state().msLeft).toBe(840_000);
  run(trainings[0], 10_000);
  run(probings[0], 60_000);
  expect(state().msLeft).toBe(30_000 + 60_000);
  events.started(trainings[1]);
  events.started(probings[1]); // two at once from here on
  expect(state().msLeft).toBe(45_000);
});

/** A stream that keeps what was written. */
const recorder = (isTTY: boolean) => {
  const written: string[] = [];
  return { isTTY, columns: 40, written, write: (text: string) => written.push(text) };
};

test("off a terminal a display says what stays: skipped, done, failed", () => {
  const stream = recorder(false);
  const [one, two] = [training(1), training(2)];
  const { events, close } = openDisplay([one, two], stream, false);
  events.skipped?.([one]);
  events.started?.(two);
  events.failed?.(two, new Error("broken"));
  close();
  expect(stream.written).toEqual(["1 job is done already\n", "failed  train 2: internal\n"]);
});

test("on a terminal it redraws, within the width, and cleans up", () => {
  const stream = recorder(true);
  const item = training(100);
  const { events, close } = openDisplay([item], stream, false);
  events.started?.(item);
  events.progress?.(item, { done: 0.25, text: "a very long line of numbers that does not fit" });
  events.finished?.(item);
  close();
  expect(stream.written).toEqual(["done    train 100\n", "1 of 1 jobs done, 0 running\n", "\u001b[1A\u001b[0J"]);
});

test("quiet is quiet", () => {
  const stream = recorder(true);
  const { events, close } = openDisplay([training(1)], stream, true);
  events.finished?.(training(1));
  close();
  expect(stream.written).toEqual([]);
});
