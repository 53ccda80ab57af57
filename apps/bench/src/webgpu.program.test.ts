/*
 * A study on a second provider: every job's programs run on it. See `webgpu.testkit.ts` of @sae/core for one without a GPU.
 */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { key, sequence } from "@sae/core";
import { beforeAll, expect, test } from "vitest";
import { webgpuFailure } from "../../../packages/core/src/webgpu.testkit.js";
import type { StudyRecord } from "./results/resultsSchema.js";
import { runCli, temporaryFolder, words } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";

const folder = await temporaryFolder();

beforeAll(async () => {
  await writeTinyModel(join(folder, "tiny"));
  await writeTinyText(join(folder, "words.txt"), 600);
  const next = sequence(key("moods"));
  const word = (letters: string) => Array.from({ length: 4 }, () => letters[next() % letters.length]).join("");
  const rows = Array.from({ length: 40 }, (_, i) => (i % 2 ? `${word("abcd")},glad` : `${word("wxyz")},sad`));
  await writeFile(join(folder, "moods.csv"), `text,label\n${rows.join("\n")}\n`);
});

test("WebGPU gives the numbers of the CPU, for every evaluation that a random model has", async ({ skip }) => {
  skip(webgpuFailure !== undefined, `WebGPU does not start here: ${webgpuFailure}`);
  const study = async (provider: string) => {
    const options = words({
      model: "tiny",
      text: "words.txt",
      tokens: 800,
      ctx: 16,
      "evaluation-contexts": 4,
      "held-out": 0.2,
      variants: "topk",
      baselines: "trained",
      evals: "reconstruction,splice,autointerp,probing",
      "autointerp-latents": 4,
      "autointerp-examples": 3,
      "autointerp-judged": 4,
      "autointerp-fewest-judged": 2,
      "autointerp-window": 5,
      "probing-data-sets": "file:moods.csv",
      "probing-train": 10,
      "probing-test": 5,
      "probing-ks": 1,
      "probing-auc-ks": 2,
      "d-sae": 12,
      l0: 2,
      steps: 6,
      batch: 32,
      warmup: 1,
      out: provider,
      provider,
    });
    const { code, stdout, stderr } = await runCli(["llm", ...options, "--quiet", "--json"], folder);
    expect(code, stderr).toBe(0);
    return (JSON.parse(stdout) as StudyRecord).scores;
  };
  const [cpu, gpu] = [await study("cpu"), await study("webgpu")];
  expect(new Set(cpu.map(({ evaluation }) => evaluation))).toEqual(
    new Set(["reconstruction", "splice", "autointerp", "probing"]),
  );
  expect(gpu.map(({ measure }) => measure)).toEqual(cpu.map(({ measure }) => measure));
  for (const [i, { measure, value }] of gpu.entries()) {
    expect(Math.abs(value - cpu[i].value), measure).toBeLessThan(0.01);
  }
});
