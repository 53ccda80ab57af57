import { expect, test } from "vitest";
import { z } from "zod";
import { costOf } from "../costs/cost.js";
import { deviceSentence, devices, parseDevice, secondsOn } from "../costs/device.js";
import { siText } from "../costs/siText.js";
import { defineJob, job } from "../jobs/job.js";
import { openRunStore } from "../jobs/runStore.js";
import { textTable } from "../report/textTable.js";
import { temporaryFolder } from "../runCli.testkit.js";
import { planOf, planTable } from "./planTable.js";
import { planTotals, totalsTable } from "./planTotals.js";
import { planWarnings } from "./planWarnings.js";

const folder = await temporaryFolder();
const device = parseDevice("10,2,1,4");

const kind = (name: string) =>
  defineJob({
    kind: name,
    version: 1,
    config: z.object({ flops: z.number(), memoryBytes: z.number().default(0), diskBytes: z.number().default(0) }),
    run: async () => null,
    cost: (parts) => costOf({ ...parts, allCores: name === "harvest" }),
  });
const make = (name: string, flops: number, more: { memoryBytes?: number; diskBytes?: number } = {}) =>
  job(kind(name), { flops, ...more }, { title: `${name} ${flops}`, sizes: () => null });

test("devices have a name, or are measured", () => {
  expect(devices.map(({ name }) => name)).toEqual(["laptop-2-core", "a100", "h100"]);
  expect(parseDevice("a100")).toMatchObject({ gflops: 19_500, efficiency: 0.5, memoryGib: 80 });
  expect(device).toMatchObject({ name: "10,2,1,4", gflops: 10, gbps: 2, memoryGib: 1, cores: 4, efficiency: 1 });
  expect(parseDevice("10,2.5,1").cores).toBe(1);
  for (const text of ["a10", "10,2", "10,2,1,4,5", "10,2,x", "10,2,", "0,1,1", "1,1,1,1.5", "Infinity,1,1"]) {
    expect(() => parseDevice(text), text).toThrow("needed laptop-2-core, a100, h100 or GFLOPS,GBps,GiB[,CORES]");
  }
  expect(() => parseDevice("a10")).toThrow("did you mean 'a100'?");
  expect(deviceSentence(devices[0])).toBe(
    "On laptop-2-core: 2 cores, each 100 GFLOP/s in float32, 60 % of it reached; 12 GB/s of memory, 70 % of it reached; 16 GiB.",
  );
});

test("seconds add up: products, passes, plain arithmetic, what is copied", () => {
  expect(secondsOn(device, costOf({ flops: 20e9 }))).toBe(2);
  expect(secondsOn(device, costOf({ flops: 20e9, allCores: true }))).toBe(0.5);
  expect(secondsOn(device, costOf({ passBytes: 4e9, scalarOps: 1e9, resultBytes: 2e9, feedBytes: 1e12 }))).toBe(4);
  expect(secondsOn(parseDevice("a100"), costOf({ feedBytes: 20e9 }))).toBe(1); // a CPU reads inputs where they are
});

test("sizes have three digits", () => {
  expect([0, 999, 1000, 999_999, 2.304e12, 1.5e27].map((value) => siText(value, "B"))).toEqual([
    "0 B",
    "999 B",
    "1 kB",
    "1 MB",
    "2.3 TB",
    "1500 YB",
  ]);
});

const harvest = make("harvest", 144e12, { memoryBytes: 5e8, diskBytes: 3e9 });
const small = make("train", 36e12, { memoryBytes: 4e8, diskBytes: 1e9 });
const large = make("train", 72e12, { memoryBytes: 2e9, diskBytes: 1e9 });
const unknown = job(kind("perf"), { flops: 1 }, { title: "perf" });
const store = openRunStore(folder);

test("a plan tells what each job takes, and all of a kind, and all", async () => {
  const plan = await planOf([harvest, small, large, unknown], store, device);
  expect(textTable(planTable(plan))).toContain("harvest 144000000000000  to do      0     0  144 T  500 MB  3 GB");
  expect(plan.map(({ hours }) => hours)).toEqual([1, 1, 2, null]);
  const totals = planTotals(plan, device);
  expect(totals).toMatchObject([
    { kind: "harvest", jobs: 1, hours: 1, hoursSideBySide: 1, memoryBytes: 5e8, diskBytes: 3e9, unknown: 0 },
    { kind: "train", jobs: 2, hours: 3, hoursSideBySide: 1.5, memoryBytes: 2e9, diskBytes: 2e9, unknown: 0 },
    { kind: "perf", jobs: 1, hours: 0, unknown: 1 },
    { kind: null, jobs: 4, flops: 252e12, hours: 4, memoryBytes: 2e9, diskBytes: 5e9, unknown: 1 },
  ]);
  expect(textTable(totalsTable(totals, device))).toMatchInlineSnapshot(`
    "What is left, on 10,2,1,4

    Kind     Jobs  FLOP   Largest memory  Disk  Hours one after the other
    ───────  ────  ─────  ──────────────  ────  ─────────────────────────
    harvest     1  144 T  500 MB          3 GB                       1.00
    train       2  108 T  2 GB            2 GB                       3.00
    perf        1  –      –               –                             –
    all         4  252 T  2 GB            5 GB                       4.00"
  `);
});

test("a plan without jobs has totals of nothing", () => {
  expect(planTotals([], device)).toMatchObject([{ kind: null, jobs: 0, hours: 0 }]);
});

test("what cannot fit is said in words", async () => {
  const plan = await planOf([harvest, small, large], store, device);
  const totals = planTotals(plan, device);
  const warnings = (options: { freeBytes?: number; workers?: number; device?: typeof device }) =>
    planWarnings(plan, totals, { device, freeBytes: 1e12, workers: 1, out: "runs", ...options });
  expect(warnings({ freeBytes: 4e9 })).toEqual([
    "Does not fit in memory: 1 of 2 train jobs need up to 2 GB, 10,2,1,4 has 1.07 GB; fewer latents (--d-sae) or a smaller --batch take less.",
    "Does not fit on the disk: results and checkpoints need 5 GB, 4 GB are free for runs on this machine; choose another --out, or plan less.",
  ]);
  const roomy = parseDevice("10,2,2");
  expect(warnings({ device: roomy })).toEqual([]);
  expect(warnings({ device: roomy, workers: 2 })).toEqual([
    "Does not fit in memory side by side: 2 jobs at once need up to 2.5 GB, 10,2,2 has 2.15 GB; use fewer --workers.",
  ]);
});
