import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { StudyRecord } from "./results/resultsSchema.js";
import { runCli, temporaryFolder } from "./runCli.testkit.js";
import { writeTinyModel, writeTinyText } from "./tinyModel.testkit.js";
import { studyOfTheDocs, variantOfTheDocs } from "./userFiles/filesOfTheDocs.testkit.js";

const folder = await temporaryFolder();
const write = (name: string, text: string) => writeFile(join(folder, name), text);
const llm = (...more: readonly (string | number)[]) => runCli(["llm", "--config", "study.ts", ...more], folder);

beforeAll(async () => {
  await writeTinyModel(join(folder, "my-model"));
  await writeTinyText(join(folder, "texts.txt"), 1200);
  await write("ridge-topk.ts", await variantOfTheDocs());
  await write("study.ts", await studyOfTheDocs());
});

/** What would be run. */
async function planned(...more: readonly (string | number)[]): Promise<{ id: string; title: string; state: string }[]> {
  const { stdout, stderr } = await llm(...more, "--dry-run", "--json");
  expect(stdout, stderr).not.toBe("");
  return JSON.parse(stdout).jobs;
}

describe("the study that the README shows", () => {
  test("runs, with the architecture that it brings", async () => {
    const { code, stdout, stderr } = await llm("--json");
    expect(code, stderr).toBe(0);
    const { runs, options } = JSON.parse(stdout) as StudyRecord;
    expect(runs).toHaveLength(2 * 2 * 3);
    expect(new Set(runs.map(({ variant }) => variant))).toEqual(new Set(["topk", "ridge_topk"]));
    expect(runs.every(({ result }) => result !== null)).toBe(true);
    expect(options).toMatchObject({
      heldOut: 0.2,
      variantOptions: { ridge_topk: { ridge: 0.1 } },
      baselineOptions: { soft_frozen_decoder: { tau: 0.9 } },
      evaluations: [{ id: "reconstruction" }, { id: "splice", l0s: [2] }],
    });
    const report = await readFile(join(folder, "runs/report-llm-my-model/report.html"), "utf8");
    expect(report).toContain("sae-bench llm --config study.ts");
  });

  test("plans the jobs that options on the command line plan, and these win", async () => {
    const all = await planned();
    expect(all.every(({ state }) => state === "done")).toBe(true);
    const less = await planned("--variants", "topk", "--l0", 3, "--evals", "reconstruction");
    const written = await runCli(
      [
        ...["llm", "--model", "./my-model", "--hook", "blocks.0.hook_resid_post", "--text", "texts.txt"],
        ...["--tokens", 2000, "--ctx", 16, "--evaluation-contexts", 8, "--held-out", 0.2, "--variants", "topk"],
        ...["--baselines", "frozen_decoder,soft_frozen_decoder", "--tau", 0.9, "--d-sae", 16, "--l0", 3],
        ...["--steps", 60, "--batch", 128, "--evals", "reconstruction", "--dry-run", "--json"],
      ],
      folder,
    );
    expect(less.map(({ id }) => id)).toEqual(JSON.parse(written.stdout).jobs.map(({ id }: { id: string }) => id));
    expect(less).toHaveLength(1 + 3);
  });

  test("with the architecture in a file of its own has jobs that another number does not change", async () => {
    const text = await studyOfTheDocs();
    const inFile = text
      .replace(/^import \{ ridgeTopk.*\n/m, "")
      .replace('["topk", ridgeTopk]', '["ridge_topk"]')
      .replace("dSae:", 'variantFile: ["ridge-topk.ts"],\n  dSae:');
    const idsOf = async (study: string) => {
      await write("study.ts", study);
      return (await planned("--l0", 3, "--evals", "reconstruction")).map(({ id }) => id);
    };
    const ids = await idsOf(inFile);
    expect(ids).toHaveLength(1 + 3);
    expect(await idsOf(inFile.replace("dSae: 16", 'name: "other",\n  dSae: 16'))).toEqual(ids);
    await write("study.ts", text);
  });

  test("has its options in the help", async () => {
    const { stdout } = await llm("--help");
    expect(stdout).toContain("Of ridge_topk only\n  --ridge X");
  });
});

describe("is refused", () => {
  test.each([
    [
      "a mistyped name",
      "export default { l0: [2], dsae: 16 };",
      2,
      "--config study.ts: there is no option dsae; did you mean 'dSae'?",
    ],
    [
      "no study",
      "export const l0 = [2];",
      3,
      "needed a default export made by defineStudy, got l0 (a list of 1); write",
    ],
    ["what is no architecture", "export default { variants: [1] };", 3, "needed an export made by defineSae"],
    ["a mistake in its text", "export default {", 3, "--config study.ts: study.ts:1:"],
  ])("%s", async (_, text, exit, says) => {
    await write("study.ts", text);
    const { code, stderr } = await llm("--dry-run");
    expect(stderr).toContain(says);
    expect(code).toBe(exit);
  });
});
