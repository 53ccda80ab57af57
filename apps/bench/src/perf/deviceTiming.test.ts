import { expect, test } from "vitest";
import { parseDevice } from "../costs/device.js";
import { deviceLine, timeDevice } from "./deviceTiming.js";

test("what is measured can be passed on to a dry run", async () => {
  const timing = await timeDevice(1, { rows: 64, inner: 32, columns: 64, elements: 4096 });
  for (const speed of [timing.gflops, timing.gbps, timing.memoryGib]) expect(speed).toBeGreaterThan(0);
  const [, option = ""] = /--device (\S+)/.exec(deviceLine(timing)) ?? [];
  const device = parseDevice(option);
  expect(device.cores).toBe(timing.cores);
  expect(device.gflops / timing.gflops).toBeCloseTo(1, 2);
  expect(device).toMatchObject({ efficiency: 1, memoryEfficiency: 1 });
});
