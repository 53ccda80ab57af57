import { copyFile, mkdir, readdir, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { availableProviders, writeNpy, writeSafetensors } from "@sae/core";
import { beforeAll, describe, expect, test } from "vitest";
import { exitCodes } from "./exitCodes.js";
import { runCli, temporaryFolder, words, writeActivations } from "./runCli.testkit.js";

const folder = await temporaryFolder();

/** A call with the options of a small run, some of them others. */
const training = (changed: Readonly<Record<string, string | number>>) => {
  const options = { data: "acts.npy", variant: "topk", "d-sae": 16, l0: 2, steps: 5, batch: 32, out: "out" };
  return ["train", ...words({ ...options, ...changed })];
};

beforeAll(() => writeActivations(join(folder, "acts.npy"), [1000, 8]));

describe("help", () => {
  test("of the program: commands and exit codes", async () => {
    const { code, stdout } = await runCli(["--help"], folder);
    expect(code).toBe(0);
    for (const command of ["quick", "synthetic", "baselines", "train", "perf"])
      expect(stdout).toContain(`\n  ${command} `);
    for (const { code: exitCode } of exitCodes) expect(stdout).toMatch(new RegExp(`^ {2}${exitCode} `, "m"));
  });

  test.each(["quick", "synthetic", "baselines", "train", "perf"])(
    "of %s: what it does and every option",
    async (command) => {
      const { code, stdout } = await runCli([command, "--help"], folder);
      expect(code).toBe(0);
      expect(stdout).toMatch(/^sae-bench \w+: /);
      expect(stdout).toMatch(/^ {2}--json /m);
      expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThan(170);
      if (command === "train") {
        expect(stdout).toMatch(/^ {2}--lr X +learning rate \(default: 0.0002\)$/m);
        expect(stdout).toMatch(/^ {2}--data FILE .*\n.*\(needed\)$/m);
        expect(stdout).toContain("Of soft_frozen_decoder only\n  --tau X");
      }
    },
  );

  test("version", async () => {
    expect(await runCli(["--version"], folder)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+/),
    });
  });
});

/** Calls that cannot work: exit code, and what the message must say. */
const refused: Record<string, [args: (string | number)[], code: number, says: string]> = {
  "an unknown command": [["trian"], 2, "there is no command 'trian'; did you mean 'train'?"],
  "an unknown option": [["train", "--varient", "topk"], 2, "there is no option --varient; did you mean --variant?"],
  "an unknown variant": [
    training({ variant: "batchtpk" }),
    2,
    "--variant: needed relu, topk, batchtopk, jumprelu, matryoshka, got 'batchtpk'; did you mean 'batchtopk'?",
  ],
  "an unknown baseline": [training({ baseline: "frozen_encodr" }), 2, "did you mean 'frozen_encoder'?"],
  "an unknown provider": [["quick", "--provider", "cudda"], 2, "did you mean 'cuda'?"],
  "a missing option": [
    ["train", "--data", "acts.npy", "--variant", "topk"],
    2,
    "--out DIR: is needed here; see --help",
  ],
  "an option of another architecture": [
    training({ bandwidth: 0.1 }),
    2,
    "--bandwidth: belongs to jumprelu, not to topk",
  ],
  "an option of another baseline": [training({ tau: 0.5 }), 2, "--tau: belongs to soft_frozen_decoder, not to trained"],
  "a distribution of rows for a baseline that draws none": [
    training({ baseline: "pca", "baseline-init": "cov" }),
    2,
    "--baseline-init: belongs to baselines that draw random rows, not to pca",
  ],
  "a k above d_sae": [training({ l0: 17 }), 2, "--l0: needed at most the 16 latents there are, got 17"],
  "half a latent": [training({ l0: 1.5 }), 2, "--l0: topk needed a whole number above 0, got '1.5'"],
  "a group without latents": [
    training({ variant: "matryoshka", fractions: "0.01,0.99" }),
    2,
    "--fractions: needed at least one of the 16 latents in each group, got groups of 0, 16",
  ],
  "a tensor of a file that has one only": [training({ tensor: "x" }), 2, "--tensor: is for .safetensors files"],
  "probabilities from the largest to the least": [
    ["synthetic", "--log-min", -1, "--log-max", -2, "--dry-run"],
    2,
    "--log-min: needed at most --log-max = -2, got -1",
  ],
  "an option given twice": [[...training({}), "--l0", 3], 2, "--l0: given twice; it takes one value"],
  "settings that are no module": [
    ["llm", "--config", "settings.json"],
    3,
    "got '.json'; write one with `export default defineStudy({ … })`",
  ],
  "fewer rows than a batch": [training({ batch: 512 }), 2, "needed at least one batch of 512 held-out rows, got 50"],
  "starting weights of another shape": [training({ init: "init.safetensors" }), 3, "'W_dec' needed shape [16, 8]"],
  "starting weights with a NaN": [
    training({ init: "nan.safetensors" }),
    3,
    "'b_dec' needed finite numbers, got NaN at element 2",
  ],
  "a folder with an SAE of another program": [
    training({ out: "downloaded" }),
    2,
    "downloaded: needed a folder that is free or of this run, got cfg.json without the job.json of a run",
  ],
  "a folder in a file": [training({ out: "acts.csv/run" }), 5, "choose another --out"],
  "a missing file": [training({ data: "nowhere.npy" }), 3, "nowhere.npy"],
  "a vector": [training({ data: "vector.npy" }), 3, "needed a matrix [rows, dModel], got shape [8]"],
  "a truncated file": [training({ data: "short.npy" }), 3, "(file_truncated)"],
  "a file of another kind": [training({ data: "acts.csv" }), 3, ".npy or .safetensors"],
  "NaN in the data": [training({ data: "nan.npy" }), 3, "got NaN or infinity in row 999, column 7"],
  "infinity in the data": [["baselines", "--data", "inf.npy"], 3, "got NaN or infinity in row 3, column 0"],
};

describe("what cannot work is an error that says why, and leaves nothing behind", () => {
  beforeAll(async () => {
    await writeActivations(join(folder, "nan.npy"), [1000, 8], { at: 7999, value: Number.NaN });
    await writeActivations(join(folder, "inf.npy"), [1000, 8], { at: 24, value: Number.NEGATIVE_INFINITY });
    await writeNpy(join(folder, "vector.npy"), { dtype: "float32", shape: [8], data: new Float32Array(8) });
    await writeFile(join(folder, "acts.csv"), "1,2\n");
    await writeFile(join(folder, "settings.json"), "{}");
    await mkdir(join(folder, "downloaded"));
    await writeFile(join(folder, "downloaded/cfg.json"), "{}");
    const b_dec = Float32Array.from({ length: 8 }, (_, i) => (i === 2 ? Number.NaN : 0));
    await writeSafetensors(join(folder, "nan.safetensors"), { b_dec: { dtype: "float32", shape: [8], data: b_dec } });
    await copyFile(join(folder, "acts.npy"), join(folder, "short.npy"));
    await writeSafetensors(join(folder, "init.safetensors"), {
      W_dec: { dtype: "float32", shape: [8, 16], data: new Float32Array(128) },
    });
    await truncate(join(folder, "short.npy"), 1000);
  });

  test.each(Object.entries(refused))("%s", async (_, [args, code, says]) => {
    const before = await readdir(folder);
    const ended = await runCli(args, folder);
    expect(ended.stderr).toContain(says);
    expect(ended.stderr).not.toContain("    at "); // no stack
    expect(ended).toMatchObject({ code, stdout: "" });
    expect(await readdir(folder)).toEqual(before);
  });

  test.skipIf(availableProviders().includes("cuda"))("a provider that is not installed", async () => {
    const ended = await runCli(training({ provider: "cuda" }), folder);
    expect(ended.stderr).toMatch(/provider 'cuda': not in this installation.*\(provider_missing\)/);
    expect(ended.code).toBe(4);
  });

  test("with --debug, where it came from", async () => {
    const { stderr } = await runCli([...training({ data: "nowhere.npy" }), "--debug"], folder);
    expect(stderr).toContain("    at ");
  });
});

test("a dry run lists jobs and runs none", async () => {
  const { code, stdout } = await runCli(
    ["synthetic", "--preset", "paper", "--variants", "topk", "--dry-run", "--json"],
    folder,
  );
  expect(code).toBe(0);
  expect(JSON.parse(stdout).jobs).toMatchObject([
    { id: "train-da84d749c7f38c58", title: "topk constant", state: "to do", steps: 30_000, stepsMade: 0 },
    { id: "train-2550898133f3a79d", title: "topk variable", state: "to do", steps: 30_000, stepsMade: 0 },
    {
      id: expect.stringMatching(/^random-dictionary-/),
      title: "random dictionaries seed 0",
      state: "to do",
      steps: 0,
      stepsMade: 0,
    },
  ]);
});
