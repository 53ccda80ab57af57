import { expect, test } from "vitest";
import { retryDelay } from "./retryDelay.js";

test("twice as long each time up to the longest, less up to half; the same in every run, another for every request", () => {
  const settings = { retryMs: 1000, longestWaitMs: 10_000 };
  const delays = (name: string) => [1, 2, 3, 4, 5].map((failures) => retryDelay(settings, name, failures));
  for (const [at, delay] of delays("a").entries()) {
    const whole = [1000, 2000, 4000, 8000, 10_000][at];
    expect(delay).toBeGreaterThan(whole / 2);
    expect(delay).toBeLessThanOrEqual(whole);
  }
  expect(delays("a")).toEqual(delays("a"));
  expect(delays("a")[0]).not.toBe(delays("b")[0]);
  expect(delays("a")[0] / 1000).not.toBe(delays("a")[1] / 2000);
});
