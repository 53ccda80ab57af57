import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { openActivations, readSafetensors, writeNpy, writeSafetensors } from "@sae/core";
import type { Interval } from "@sae/metrics";
import { loadModel, runModel } from "@sae/models";
import { beforeAll, describe, expect, test } from "vitest";
import { expectResults } from "./results/results.testkit.js";
import type { StudyRecord } from "./results/resultsSchema.js";
import { hashes, runCli, startCli, temporaryFolder, until, words } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";

const hook = "blocks.0.hook_resid_post";
/** Where a study is when no hook is named. */
const middle = "blocks.1.hook_resid_post";
const folder = await temporaryFolder();

beforeAll(async () => {
  await writeTinyModel(join(folder, "tiny"));
  await writeTinyText(join(folder, "words.txt"), 1200);
  await writeNpy(join(folder, "ids.npy"), { dtype: "int32", shape: [2, 3], data: Int32Array.of(27, 3, 1, 27, 4, 1) });
});

describe("forward", () => {
  const forward = (more: Record<string, string> = {}) => [
    "forward",
    ...words({
      model: "tiny",
      tokens: "ids.npy",
      hooks: `${hook},ln_final.hook_normalized`,
      out: "run.safetensors",
      ...more,
    }),
  ];

  test("writes what stands at the hooks, and logits", async () => {
    const { code, stdout, stderr } = await runCli([...forward(), "--json"], folder);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout).tensors).toEqual({
      [hook]: [2, 3, 8],
      "ln_final.hook_normalized": [2, 3, 8],
      logits: [2, 3, 28],
    });
    const { tensors } = await readSafetensors(join(folder, "run.safetensors"));
    const model = await loadModel(join(folder, "tiny"));
    const { at, logits } = await runModel(
      model,
      [
        [27, 3, 1],
        [27, 4, 1],
      ],
      { hooks: [hook] },
    );
    expect(tensors[hook].data).toEqual(at[hook].data);
    expect(tensors.logits.data).toEqual(logits.data);
    await model.close();
  });

  test("a text at a time gives the same", async () => {
    await runCli(forward({ batch: "1", out: "single.safetensors" }), folder);
    const [together, alone] = await Promise.all(
      ["run", "single"].map((name) => readSafetensors(join(folder, `${name}.safetensors`))),
    );
    const differences = Array.from(together.tensors.logits.data as Float32Array, (value, i) =>
      Math.abs(value - Number(alone.tensors.logits.data[i])),
    );
    expect(Math.max(...differences)).toBeLessThan(1e-5);
  });

  test("says what is wrong with hooks, tokens and models", async () => {
    await writeNpy(join(folder, "floats.npy"), { dtype: "float32", shape: [2], data: Float32Array.of(1, 2) });
    const failing: [Record<string, string>, string, number][] = [
      [{ hooks: "blocks.0.hook_resid_pots" }, "close to it are blocks.0.hook_resid_post", 2],
      [{ tokens: "floats.npy" }, "floats.npy: needed whole numbers [batch, length] or [length], got float32 [2]", 3],
      [{ tokens: "nowhere.npy" }, "no file nowhere.npy", 3],
      [{ model: "tinyllama-1.2b" }, "(closest: tinyllama-1.1b, embedded)", 2],
    ];
    for (const [options, message, exit] of failing) {
      const { code, stderr } = await runCli(forward(options), folder);
      expect(stderr).toContain(message);
      expect(code, stderr).toBe(exit);
    }
  });
});

describe("harvest", () => {
  const harvest = (out: string) => [
    "harvest",
    ...words({ model: "tiny", hook, text: "words.txt", tokens: 2000, ctx: 16, "evaluation-contexts": 4, out }),
  ];

  test("stores activations that every command reads", async () => {
    const { code, stdout, stderr } = await runCli([...harvest("acts"), "--json"], folder);
    expect(code, stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2000, dModel: 8, evaluationContexts: 4, counts: { rows: 2000 } });
    const file = await openActivations(join(folder, "acts/activations"));
    expect([file.rows, file.dModel, file.dtype]).toEqual([2000, 8, "float16"]);
    await file.close();
    const plan = await runCli(
      ["baselines", ...words({ data: "acts/activations", "d-sae": 16, batch: 64, l0: 2, seeds: 0 }), "--dry-run"],
      folder,
    );
    expect(plan.stdout, plan.stderr).toContain("0 done");
  });

  test("killed on its way continues, and ends with the same bytes", async () => {
    const { child, ended } = startCli(harvest("killed"), folder);
    await until(async () => (await readdir(join(folder, "killed")).catch((): string[] => [])).includes("activations"));
    child.kill("SIGKILL");
    await ended;
    // The worker ends with its parent, and frees the folder.
    const { code, stderr } = await runCli(harvest("killed"), folder);
    expect(code, stderr).toBe(0);
    expect(await hashes(join(folder, "killed"))).toEqual(await hashes(join(folder, "acts")));
  });

  test("needs more text than it keeps for evaluations", async () => {
    const { code, stderr } = await runCli(
      [
        "harvest",
        ...words({ model: "tiny", hook, text: "words.txt", ctx: 16, "evaluation-contexts": 9999, out: "few" }),
      ],
      folder,
    );
    expect(stderr).toContain("needed more than 9999 contexts of text");
    expect(code).toBe(2);
  });
});

describe("llm", () => {
  const llm = (more: Record<string, string | number> = {}) => [
    "llm",
    ...words({
      model: "tiny",
      text: "words.txt",
      tokens: 2000,
      ctx: 16,
      "evaluation-contexts": 8,
      "held-out": 0.2,
      variants: "batchtopk",
      baselines: "frozen_decoder,random",
      evals: "reconstruction,splice",
      "d-sae": 16,
      l0: "2,3",
      steps: 60,
      batch: 128,
      lr: 0.01,
      warmup: 5,
      out: "llm",
      ...more,
    }),
  ];

  test("harvests, trains, evaluates and reports", async () => {
    const { code, stdout, stderr } = await runCli([...llm(), "--json"], folder);
    expect(code, stderr).toBe(0);
    const record = JSON.parse(stdout) as StudyRecord;
    expectResults(record);
    expect(record.runs).toHaveLength(6);
    expect(record.runs[0]).toMatchObject({
      site: { model: "tiny", hook: middle },
      condition: "trained",
      role: "trained",
    });
    expect(record.provenance.data).toMatchObject({ model: "tiny", weights: { sha256: expect.anything() } });
    // Of every SAE a score in each of the four measures, with the losses of eight contexts behind it.
    expect(record.scores).toHaveLength(24);
    expect(record.scores.find(({ measure }) => measure === "cross-entropy")).toMatchObject({
      evaluation: "splice",
      job: expect.stringMatching(/^splice-/),
      units: 8,
      floor: { label: "mean ablation" },
      ceiling: null,
    });
    expect(record.references.map(({ measure, label }) => `${measure}: ${label}`)).toEqual([
      "cross-entropy: clean model",
      "cross-entropy: mean ablation",
      "cross-entropy: zero ablation",
      "kl-divergence: mean ablation",
      "kl-divergence: zero ablation",
    ]);
    expect(record.tables.map(({ caption }) => caption.split(/[:;]/)[0])).toEqual([
      "Fully trained minus the strongest random baseline, mean over architectures and targets",
      "BatchTopK in the form of the paper's tables 2 to 4",
      ...["Explained variance", "Every architecture in every condition, means over seeds"].flatMap((caption, i) =>
        i === 0 ? [caption, `${caption} of every SAE`] : [caption],
      ),
      ...["Cross entropy", "KL divergence", "Loss recovered"].flatMap((label) => [label, `${label} of every SAE`]),
      "Every architecture in every condition",
      "How far decoder rows turned from their random start",
    ]);
    const crossEntropy = record.tables.find(({ caption }) => caption.startsWith("Cross entropy of"));
    const isOfSae = (row: readonly unknown[]) => row[1] !== "No SAE";
    const scores = crossEntropy?.rows.filter(isOfSae).map((row) => (row[4] as Interval).mean) ?? [];
    expect(scores).toHaveLength(6);
    expect(crossEntropy?.rows.filter((row) => !isOfSae(row)).map((row) => row[2])).toEqual([
      "clean model",
      "mean ablation",
      "zero ablation",
    ]);
    expect(scores.every((value) => value > 0 && Number.isFinite(value))).toBe(true);
    const { verdicts } = record;
    expect(verdicts.map(({ measure, variant, l0 }) => `${measure}, ${variant}, ${l0}`)).toEqual(
      ["explained-variance", "cross-entropy", "kl-divergence"].flatMap((id) => [
        `${id}, null, null`,
        `${id}, batchtopk, 2`,
        `${id}, batchtopk, 3`,
      ]),
    );
    expect(verdicts[0]).toMatchObject({
      scope: "BatchTopK at L0 2, 3",
      opponent: "Frozen decoder, iso",
      difference: { method: "bootstrap over units" },
      floor: { label: "mean", value: 0 },
      seeds: 1,
    });
    const figures = await readdir(join(folder, "llm/report-llm-tiny/figures"));
    expect(figures).toEqual(expect.arrayContaining(["lazy-training.svg"]));
    for (const id of ["explained-variance", "cross-entropy", "kl-divergence", "loss-recovered"]) {
      expect(figures).toEqual(expect.arrayContaining([`${id}-bars.svg`, `${id}-by-l0.svg`, `${id}-by-l0.png`]));
    }
    const report = await readFile(join(folder, "llm/report-llm-tiny/report.md"), "utf8");
    expect(report).toContain("Cross entropy of the next token: clean");
  });

  test("done before is only read, and another seed needs no other harvest", async () => {
    const { stdout } = await runCli([...llm({ seeds: "0,1" }), "--dry-run"], folder);
    // A harvest, the ablations, 6 SAEs and 6 splices are done.
    expect(stdout).toContain("26 jobs: 14 done");
  });

  test("at two places of the model is one report, grouped by site", async () => {
    const two = ["blocks.0.hook_resid_post", "blocks.1.hook_resid_post"];
    const args = llm({ hook: two.join(","), l0: 2, evals: "reconstruction", name: "sites" });
    const plan = await runCli([...args, "--dry-run"], folder);
    // What is done of the first site: the harvest and three SAEs.
    expect(plan.stdout).toContain("8 jobs: 4 done");
    const { code, stdout, stderr } = await runCli([...args, "--json"], folder);
    expect(code, stderr).toBe(0);
    const { runs, tables, verdicts } = JSON.parse(stdout) as StudyRecord;
    expect(runs.map(({ site }) => site?.hook)).toEqual(two.flatMap((site) => [site, site, site]));
    const siteOf = (text: string) => two.find((site) => text.startsWith(`${site}: `));
    expect(new Set(tables.map(({ caption }) => siteOf(caption)))).toEqual(new Set(two));
    expect(verdicts.filter(({ isOverall }) => isOverall).map(({ measure, site }) => [measure, site?.hook])).toEqual(
      two.map((site) => ["explained-variance", site]),
    );
    const figures = await readdir(join(folder, "llm/report-sites/figures"));
    expect(figures).toEqual(
      expect.arrayContaining([
        "blocks-0-hook_resid_post-explained-variance-bars.svg",
        "blocks-1-hook_resid_post-lazy-training.svg",
      ]),
    );
    const report = await readFile(join(folder, "llm/report-sites/report.md"), "utf8");
    const headings = [...report.matchAll(/^## (.*)$/gm)].map(([, text]) => text.replaceAll("\\", ""));
    expect(headings.filter((text) => text.endsWith(": Reconstruction"))).toEqual(
      two.map((site) => `${site}: Reconstruction`),
    );
  });

  test("changed weights are another study", async () => {
    await writeTinyModel(join(folder, "other"));
    const { tensors } = await readSafetensors(join(folder, "other/model.safetensors"));
    (tensors["model.norm.weight"].data as Float32Array)[0] += 1;
    await writeSafetensors(join(folder, "other/model.safetensors"), tensors);
    const { stdout } = await runCli([...llm({ model: "other" }), "--dry-run"], folder);
    expect(stdout).toContain("14 jobs: 0 done");
  });
});
