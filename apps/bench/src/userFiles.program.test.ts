import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { StudyRecord } from "./results/resultsSchema.js";
import { runCli, temporaryFolder, words, writeActivations } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";
import { variantOfTheDocs } from "./userFiles/filesOfTheDocs.testkit.js";

const folder = await temporaryFolder();
const write = (name: string, text: string) => writeFile(join(folder, name), text);

const small = { data: "acts.npy", "variant-file": "ridge-topk.ts", "d-sae": 16, steps: 40, batch: 32, lr: 0.01 };
const baselines = (changed: Readonly<Record<string, string | number>> = {}) => [
  "baselines",
  ...words({
    ...small,
    variants: "ridge_topk",
    baselines: "frozen_decoder,soft_frozen_decoder,frozen_encoder",
    l0: 2,
    seeds: 0,
    out: "runs",
    ...changed,
  }),
];
const training = (changed: Readonly<Record<string, string | number>> = {}) => [
  "train",
  ...words({ ...small, variant: "ridge_topk", l0: 2, out: "out", ...changed }),
];

/** Names of the jobs that a call would run. */
async function plannedIds(args: readonly (string | number)[]): Promise<string[]> {
  const { stdout } = await runCli([...args, "--dry-run", "--json"], folder);
  return JSON.parse(stdout).jobs.map(({ id }: { id: string }) => id);
}

beforeAll(async () => {
  await writeActivations(join(folder, "acts.npy"), [1000, 8]);
  await write("ridge-topk.ts", await variantOfTheDocs());
});

describe("a variant file", () => {
  test("goes through training and all three baselines", async () => {
    const { code, stdout, stderr } = await runCli([...baselines(), "--json"], folder);
    expect(code, stderr).toBe(0);
    const { runs, tables } = JSON.parse(stdout) as StudyRecord;
    expect(runs.map(({ variant, baseline }) => [variant, baseline])).toEqual([
      ["ridge_topk", "trained"],
      ["ridge_topk", "frozen_decoder"],
      ["ridge_topk", "soft_frozen_decoder"],
      ["ridge_topk", "frozen_encoder"],
    ]);
    for (const { result } of runs) expect(result?.inference.l0).toBeLessThanOrEqual(2);
    expect(tables.flatMap(({ rows }) => rows).some((row) => row.includes("Ridge TopK"))).toBe(true);
  });

  test("is trained by its name, with options of its own, in as many processes as there are", async () => {
    const args = training({ ridge: 0.5, seeds: "0,1", workers: 2 });
    const { code, stdout, stderr } = await runCli([...args, "--json"], folder);
    expect(code, stderr).toBe(0);
    const configs = JSON.parse(stdout).runs.map(({ config }: { config: unknown }) => config);
    expect(configs).toMatchObject([{ variantConfig: { l0: 2, ridge: 0.5 } }, { variantConfig: { l0: 2, ridge: 0.5 } }]);
    expect(configs[0].variantFile.sha256).toMatch(/^[0-9a-f]{64}$/);
    const help = await runCli(["train", "--variant-file", "ridge-topk.ts", "--help"], folder);
    expect(help.stdout).toContain("Of ridge_topk only\n  --ridge X                     weight of Σ f² (default: 0.01)");
  });

  test("once edited is another job, also where it imports; comments and types do not count", async () => {
    const text = await variantOfTheDocs();
    await write(
      "imports.ts",
      `import { weight } from "./weight";\n${text.replace("default(0.01)", "default(weight)")}`,
    );
    const idsWith = async (weight: string) => {
      await write("weight.ts", weight);
      return plannedIds(baselines({ "variant-file": "imports.ts" }));
    };
    const ids = await idsWith("export const weight: number = 0.01;\n");
    expect(await idsWith("/** Of the squares. */\nexport const weight = 0.01;\n")).toEqual(ids);
    const edited = await idsWith("export const weight = 0.02;\n");
    expect(edited.filter((id) => ids.includes(id))).toEqual([]);
  });

  test("is used by one process for one job after the other, and by a new one after a job that failed", async () => {
    const loading = 'process.stderr.write("loaded by " + process.pid + "\\n");';
    const failing = "reconstructionLoss(config.ridge > 1 ? p.b_enc : x, xHat)";
    const variant = (await variantOfTheDocs()).replace("reconstructionLoss(x, xHat)", failing);
    await write("loads.ts", `${variant}\n${loading}\n`);
    const processes = async (options: Readonly<Record<string, string | number>>) => {
      const { code, stderr } = await runCli(training({ "variant-file": "loads.ts", workers: 1, ...options }), folder);
      expect(stderr).not.toContain("Warning");
      return [code, new Set(stderr.match(/loaded by \d+/g)).size];
    };
    const program = 1;
    expect(await processes({ seeds: [...Array(12).keys()].join(), out: "loads" })).toEqual([0, program + 1]);
    expect(await processes({ seeds: "0,1,2", out: "fails", ridge: 2 })).toEqual([3, program + 3]);
  });

  test("leaves the names of other jobs alone", async () => {
    const others = ["baselines", ...words({ data: "acts.npy", variants: "topk", "d-sae": 16, l0: 2, batch: 32 })];
    expect(await plannedIds([...others, "--variant-file", "ridge-topk.ts"])).toEqual(await plannedIds(others));
  });

  test("gets the packages of the program, whatever is installed beside it", async () => {
    const there = join(folder, "project");
    await mkdir(join(there, "node_modules/@sae/core"), { recursive: true });
    await writeFile(join(there, "node_modules/@sae/core/package.json"), '{"name":"@sae/core","main":"index.js"}');
    await writeFile(join(there, "node_modules/@sae/core/index.js"), 'throw new Error("another copy");');
    await writeFile(join(there, "ridge-topk.ts"), await variantOfTheDocs());
    const { code, stderr } = await runCli(
      training({ "variant-file": "project/ridge-topk.ts", out: "elsewhere", steps: 2 }),
      folder,
    );
    expect(code, stderr).toBe(0);
  });

  test("with an encoder of its own goes through every evaluation", async () => {
    const [model, texts] = await Promise.all([
      writeTinyModel(join(folder, "tiny")),
      writeTinyText(join(folder, "words.txt"), 2500),
    ]);
    const letters = (from: string, i: number) => [1, 3, 9].map((n) => from[Math.floor(i / n) % 3]).join("");
    const moods = Array.from({ length: 54 }, (_, i) => `${letters(i % 2 ? "abc" : "xyz", i >> 1)},${i % 2}`);
    await write("moods.csv", `text,label\n${moods.join("\n")}\n`);
    const encode = "{ encode: ({ x, p, config }) => topk(preActivation(x, p), config.l0) }";
    const variant = (await variantOfTheDocs()).replace('inference: "topk"', `inference: ${encode}`);
    expect(variant).toContain(encode);
    await write("own-encoder.ts", variant);
    const args = words({
      ...{
        model,
        text: texts,
        hook: "hook_embed",
        tokens: 6000,
        ctx: 24,
        "evaluation-contexts": 5,
        out: "own-encoder",
      },
      ...{ "variant-file": "own-encoder.ts", variants: "ridge_topk", baselines: "frozen_decoder" },
      ...{ "d-sae": 16, l0: 2, steps: 30, batch: 64, lr: 0.01, warmup: 2 },
      ...{ evals: "reconstruction,splice,autointerp,probing", "autointerp-latents": 6, "autointerp-window": 5 },
      ...{ "probing-data-sets": "file:moods.csv", "probing-train": 10, "probing-test": 5, "probing-auc-ks": 2 },
    });
    const { code, stdout, stderr } = await runCli(["llm", ...args, "--json"], folder);
    expect(code, stderr).toBe(0);
    const { measures, scores } = JSON.parse(stdout) as StudyRecord;
    const scored = (id: string) => scores.filter(({ measure }) => measure === id).length;
    expect(measures.map(({ id }) => id)).toEqual(
      expect.arrayContaining(["explained-variance", "cross-entropy", "autointerp-accuracy", "probing-top-1"]),
    );
    expect(measures.map(({ id }) => [id, scored(id)])).toEqual(measures.map(({ id }) => [id, 2]));
  });

  test("whose graph is wrong fails with the code and message of the operation", async () => {
    const text = await variantOfTheDocs();
    await write("wrong.ts", text.replace("reconstructionLoss(x, xHat)", "reconstructionLoss(p.b_enc, xHat)"));
    const { code, stderr } = await runCli(training({ "variant-file": "wrong.ts", out: "wrong" }), folder);
    expect(code).toBe(3);
    expect(stderr).toContain("failed ridge_topk: shape_mismatch: sub: needed shapes that broadcast");
  });
});

describe("a baseline file", () => {
  test("is compared like the paper's", async () => {
    await write(
      "anchored.mjs",
      `import { defineBaseline } from "@sae/baselines";
      import { add, mul, normalizeRows } from "@sae/core";
      import { z } from "zod";
      export default defineBaseline({
        name: "anchored_decoder",
        title: "Anchored decoder",
        description: "Every decoder row is pulled back towards its random draw after each step.",
        config: z.strictObject({ pull: z.number().min(0).max(1).default(0.1) }),
        drawn: true,
        project: { W_dec: ({ w, initial, config }) => normalizeRows(add(mul(w, 1 - config.pull), mul(initial, config.pull))) },
      });`,
    );
    const args = baselines({
      "baseline-file": "anchored.mjs",
      variants: "topk",
      baselines: "frozen_decoder,anchored_decoder,anchored_decoder:cov",
      pull: 0.5,
    });
    const { code, stdout, stderr } = await runCli([...args, "--json"], folder);
    expect(code, stderr).toBe(0);
    const { tables } = JSON.parse(stdout) as StudyRecord;
    const all = tables.find(({ caption }) => caption.startsWith("Every architecture in every condition"));
    expect(all?.rows.map((row) => row[2])).toEqual([
      "Fully trained",
      "Frozen decoder, iso",
      "Anchored decoder, iso",
      "Anchored decoder, cov",
    ]);
  });
});

describe("is refused", () => {
  test("with the name or an option that the command has", async () => {
    const text = await variantOfTheDocs();
    await write("taken.ts", text.replace('"ridge_topk"', '"topk"'));
    await write("option.ts", text.replaceAll(/\bridge\b/g, "steps"));
    const taken = await runCli(training({ "variant-file": "taken.ts" }), folder);
    expect(taken.stderr).toContain("'topk' is an architecture of this program already; give yours another name");
    const option = await runCli(training({ "variant-file": "option.ts" }), folder);
    expect(option.stderr).toContain("--steps: is an option of this command, and cannot be one 'of ridge_topk only'");
    expect([taken.code, option.code]).toEqual([2, 2]);
  });

  test("by a command that trains none", async () => {
    const { stderr, code } = await runCli(["harvest", "--variant-file", "ridge-topk.ts"], folder);
    expect(stderr).toContain("harvest: there is no option --variant-file");
    expect(code).toBe(2);
  });
});
