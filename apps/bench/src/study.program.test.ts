import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { expectResults } from "./results/results.testkit.js";
import type { StudyRecord } from "./results/resultsSchema.js";
import { hashes, runCli, startCli, temporaryFolder, until, words, writeActivations } from "./runCli.testkit.js";

const folder = await temporaryFolder();

/** Case study 1 with 32 features in 8 dimensions. */
const tiny = (out: string, changed: Readonly<Record<string, string | number>> = {}) => [
  "synthetic",
  ...words({
    preset: "quick",
    settings: "variable",
    variants: "topk,jumprelu",
    n: 8,
    features: 32,
    "d-sae": 32,
    l0: 2,
    "log-min": -3,
    "log-max": -0.5,
    steps: 2500,
    batch: 64,
    "evaluation-rows": 512,
    "checkpoint-seconds": 0,
    out,
    ...changed,
  }),
];

describe("a study", () => {
  test("prints its tables and leaves report, numbers and figures", async () => {
    const { code, stdout, stderr } = await runCli(tiny("one", { workers: 1 }), folder);
    expect(code, stderr).toBe(0);
    for (const caption of [
      "Reconstruction of held-out samples",
      "True features found",
      "How far decoder rows turned",
    ]) {
      expect(stdout).toContain(caption);
    }
    expect(stdout).toContain("one/report-synthetic-quick/report.html");
    expect(stderr).toContain("done    topk variable");
    const report = join(folder, "one/report-synthetic-quick");
    expect((await readdir(report)).sort()).toEqual(["figures", "report.html", "report.md", "results.json"]);
    expect((await readdir(join(report, "figures"))).sort()).toEqual(
      ["budget-curve", "decoder-drift", "explained-variance", "recovery-all", "recovery-variable"].flatMap((name) => [
        `${name}.png`,
        `${name}.svg`,
      ]),
    );
  });

  test("gives the same bytes with two workers, and with --json prints what results.json holds", async () => {
    const { code, stdout } = await runCli([...tiny("two", { workers: 2 }), "--json", "--quiet"], folder);
    expect(code).toBe(0);
    expect(await hashes(join(folder, "two"))).toEqual(await hashes(join(folder, "one")));
    const file = await readFile(join(folder, "two/report-synthetic-quick/results.json"), "utf8");
    expect(JSON.parse(stdout)).toEqual(JSON.parse(file));
    expect(stdout.trim().split("\n")).toHaveLength(1);
  });

  test("killed in the middle continues, and ends with the same bytes", async () => {
    const { child, ended } = startCli(tiny("killed", { workers: 1 }), folder);
    const jobs = join(folder, "killed/jobs");
    await until(async () => {
      const begun = existsSync(jobs) ? await readdir(jobs) : [];
      return begun.some((name) => existsSync(join(jobs, name, "checkpoint.safetensors")));
    });
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(folder, "killed/report-synthetic-quick"))).toBe(false);
    const { code, stderr } = await runCli(tiny("killed", { workers: 2 }), folder);
    expect(code, stderr).toBe(0);
    expect(await hashes(join(folder, "killed"))).toEqual(await hashes(join(folder, "one")));
  });

  test("done before is only read, and another seed is another study", async () => {
    const before = await hashes(join(folder, "one"));
    const again = await runCli(tiny("one"), folder);
    expect(again.stderr).toContain("3 jobs are done already");
    expect(await hashes(join(folder, "one"))).toEqual(before);
    const other = await runCli([...tiny("one", { seed: 1, name: "other" }), "--dry-run"], folder);
    expect(other.stdout).toContain("3 jobs: 0 done, 0 begun, 3 to do");
  });

  test("is estimated by a dry run, on a device of one's choice", async () => {
    const plan = await runCli([...tiny("plan"), "--dry-run", "--device", "60,8,16,2"], folder);
    expect(plan.stdout).toMatch(/^train +2 +[\d.]+ [MG] +\d+ MB +[\d.]+ kB +0\.\d+$/m);
    expect(plan.stdout).toContain("On 60,8,16,2: 2 cores, each 60 GFLOP/s in float32; 8 GB/s of memory; 16 GiB.");
    const json = await runCli([...tiny("plan"), "--dry-run", "--json"], folder);
    const { jobs, totals, device, warnings } = JSON.parse(json.stdout);
    expect(jobs[0].cost.flops).toBeGreaterThan(2500 * 2 * 64 * 8 * 32);
    expect([jobs.length, totals.at(-1).jobs, device.name, warnings]).toEqual([3, 3, "laptop-2-core", []]);
    const refused = await runCli([...tiny("plan"), "--device", "a100"], folder);
    expect(refused.stderr).toContain("--device: is for estimates, give --dry-run with it");
    expect([refused.code, existsSync(join(folder, "plan"))]).toEqual([2, false]);
  });

  test("results.json is complete and without times", async () => {
    const text = await readFile(join(folder, "one/report-synthetic-quick/results.json"), "utf8");
    const record = JSON.parse(text) as StudyRecord;
    expectResults(record);
    expect(record).toMatchObject({ study: "synthetic-quick", failed: [], verdicts: [] });
    expect(record.command).toMatch(/^sae-bench synthetic .*--steps 2500/);
    expect(record.provenance).toMatchObject({ seeds: [0], data: { kind: "synthetic" } });
    expect(record.runs.map(({ variant, setting, seed, l0, steps }) => ({ variant, setting, seed, l0, steps }))).toEqual(
      [
        { variant: "topk", setting: "variable", seed: 0, l0: 2, steps: 2500 },
        { variant: "jumprelu", setting: "variable", seed: 0, l0: 2, steps: 2500 },
      ],
    );
    for (const { id, result } of record.runs) {
      expect(existsSync(join(folder, "one/jobs", id, "sae_weights.safetensors"))).toBe(true);
      expect(result?.recovery?.recovered.map(({ threshold }) => threshold)).toEqual([0.8, 0.9]);
      expect(result?.snapshots.length).toBe(6);
      const own = record.scores.filter(({ run }) => run === id);
      const ids = ["explained-variance", "recovered-0.8", "recovered-0.9", "mean-best-cosine", "mcc", "uniqueness"];
      expect(own.map(({ measure }) => measure)).toEqual(ids);
      expect(own[0]).toMatchObject({ value: result?.inference.explainedVariance, units: 8 });
      expect(own[1]).toMatchObject({
        units: 32,
        interval: { method: "wilson" },
        floor: { label: "random dictionary" },
      });
    }
    expect(record.references.map(({ measure, label, seed }) => `${measure}: ${label}, ${seed}`)).toEqual(
      ["recovered-0.8", "recovered-0.9", "mean-best-cosine", "mcc"].map((id) => `${id}: random dictionary, 0`),
    );
    expect(text).not.toMatch(/"\w*(ms|[sS]econds?|[tT]ime\w*|date)"/);
    expect(text).not.toContain(folder);
  });
});

const columnOf = ({ columns }: StudyRecord["tables"][number], label: string): number =>
  columns.findIndex((column) => column.label === label);

describe("a comparison with baselines", () => {
  beforeAll(() => writeActivations(join(folder, "acts.npy"), [2000, 8]));
  const comparison = (changed: Readonly<Record<string, string | number>> = {}) => [
    "baselines",
    ...words({
      data: "acts.npy",
      variants: "topk",
      baselines: "frozen_decoder:cov,pca,shuffled_decoder",
      "d-sae": 16,
      l0: "2,3",
      seeds: "0",
      steps: 100,
      batch: 64,
      out: "baselines",
      ...changed,
    }),
  ];

  test("says what training adds over the best baseline and the best control", async () => {
    const { code, stdout, stderr } = await runCli([...comparison(), "--json"], folder);
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as StudyRecord;
    expectResults(record);
    expect(record.runs).toHaveLength(8);
    expect(record.scores).toHaveLength(8);
    const [, differences, all] = record.tables;
    const labels = ["L0 target", "Architecture", "Strongest baseline", "Strongest control"];
    expect(differences.rows.map((row) => labels.map((label) => row[columnOf(differences, label)]))).toEqual([
      [2, "TopK", "Frozen decoder, cov", "PCA"],
      [3, "TopK", "Frozen decoder, cov", "PCA"],
    ]);
    expect(all.rows.map((row) => row[2]).slice(0, 4)).toEqual([
      "Fully trained",
      "Frozen decoder, cov",
      "PCA",
      "Shuffled decoder",
    ]);
    const figures = await readdir(join(folder, "baselines/report-baselines-acts/figures"));
    expect(figures.sort()).toEqual([
      "explained-variance-bars.png",
      "explained-variance-bars.svg",
      "explained-variance-by-l0.png",
      "explained-variance-by-l0.svg",
    ]);
  });

  test("with more seeds runs only what is new, and has intervals over seeds", async () => {
    const plan = await runCli([...comparison({ seeds: "0,1", l0: "2" }), "--dry-run"], folder);
    expect(plan.stdout).toContain("8 jobs: 4 done, 0 begun, 4 to do");
    const { stdout } = await runCli([...comparison({ seeds: "0,1", l0: "2" }), "--json"], folder);
    const record = JSON.parse(stdout) as StudyRecord;
    expectResults(record);
    const { tables, verdicts } = record;
    expect(tables[1].rows[0][columnOf(tables[1], "Trained − baseline")]).toMatchObject({
      n: 2,
      method: "bootstrap over seeds",
    });
    expect(verdicts).toMatchObject([
      { measure: "explained-variance", variant: null, l0: null, scope: "TopK at L0 2", isOverall: true, seeds: 2 },
      { measure: "explained-variance", variant: "topk", l0: 2, scope: "TopK, L0 2", isOverall: false, seeds: 2 },
    ]);
  });

  test("when a job fails, the others are done and shown, and the program says so", async () => {
    // A learning rate at which training cannot but diverge.
    const args = comparison({ lr: 1e30, warmup: 0, baselines: "pca", l0: "2", name: "failing" });
    const { code, stdout, stderr } = await runCli(args, folder);
    expect(code).toBe(1);
    expect(stderr).toMatch(/failed topk fully trained: diverged: training diverged/);
    expect(stderr).toContain("1 of 2 jobs are done and kept");
    expect(stdout).toMatch(/TopK +PCA +0\.\d+/);
    const results = JSON.parse(
      await readFile(join(folder, "baselines/report-failing/results.json"), "utf8"),
    ) as StudyRecord;
    expectResults(results);
    expect(results.runs.map(({ result }) => result === null)).toEqual([true, false]);
    expect(results.failed).toMatchObject([{ title: "topk fully trained", code: "diverged" }]);
    expect(results.verdicts).toEqual([]);
  });
});
