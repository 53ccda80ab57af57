import { expect, test } from "vitest";
import { runCli, temporaryFolder } from "../runCli.testkit.js";

const folder = await temporaryFolder();
const nothing = ["perf", "--shapes", "none", "--models", "none", "--no-scaling", "--rounds", 1, "--json"];

test("the machine alone: one line of JSON on stdout, the text on stderr", async () => {
  const { code, stdout, stderr } = await runCli([...nothing, "--evaluations", "none"], folder);
  expect(code).toBe(0);
  expect(stdout.trim().split("\n")).toHaveLength(1);
  expect(JSON.parse(stdout)).toMatchObject({
    format: "sae-bench perf",
    version: 1,
    device: { gflops: expect.any(Number) },
    shapes: [],
    scaling: null,
    memory: [],
    models: [],
    evaluations: [],
  });
  expect(stderr).toContain("--dry-run --device");
});

test("an evaluation: time and memory of each of its jobs", async () => {
  const { stdout } = await runCli([...nothing, "--evaluations", "splice"], folder);
  const [{ evaluation, jobs }] = JSON.parse(stdout).evaluations;
  expect(evaluation).toBe("splice");
  expect(jobs.map(({ kind }: { kind: string }) => kind)).toEqual(["ablation", "splice"]);
  for (const { ms, cpuMs, peakBytes } of jobs) {
    expect(ms).toBeGreaterThan(0);
    expect(cpuMs).toBeGreaterThan(0);
    expect(peakBytes).toBeGreaterThan(1e7);
  }
});

test("names that it does not know", async () => {
  const { code, stderr } = await runCli([...nothing, "--evaluations", "splize"], folder);
  expect(code).toBe(2);
  expect(stderr).toContain(
    "--evaluations: needed splice, autointerp, probing, ravel, got 'splize'; did you mean 'splice'?",
  );
});
