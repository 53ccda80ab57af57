import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors, readSafetensors, type Safetensors, toFloat32, writeNpy, writeSafetensors } from "@sae/core";
import { beforeAll, describe, expect, test } from "vitest";
import { lockFolder } from "./jobs/folderLock.js";
import { hashes, runCli, startCli, temporaryFolder, until, words, writeActivations } from "./runCli.testkit.js";

const folder = await temporaryFolder();
beforeAll(() => writeActivations(join(folder, "acts.npy"), [2000, 8]));

/** A call with the options of a small run, some of them others. */
const training = (out: string, changed: Readonly<Record<string, string | number>> = {}, ...flags: string[]) => {
  const options = { data: "acts.npy", variant: "topk", "d-sae": 16, l0: 2, steps: 60, batch: 32, out, ...changed };
  return ["train", ...words(options), ...flags];
};

describe("a run", () => {
  test("leaves an SAE that SAELens loads, its recipe and its log", async () => {
    const { code, stdout } = await runCli(training("one", { "log-every": 20 }, "--json", "--quiet"), folder);
    expect(code).toBe(0);
    expect((await readdir(join(folder, "one"))).sort()).toEqual([
      "cfg.json",
      "job.json",
      "log.jsonl",
      "result.json",
      "run.json",
      "sae_weights.safetensors",
      "trained.json",
    ]);
    const printed = JSON.parse(stdout);
    expect(stdout.trim().split("\n")).toHaveLength(1);
    expect(printed).toMatchObject({ format: "sae-bench train", version: 1, runs: [{ seed: 0, folder: "one" }] });
    expect(printed.runs[0].result).toEqual(JSON.parse(await readFile(join(folder, "one/result.json"), "utf8")));
    expect(printed.runs[0].result.inference).toMatchObject({ l0: expect.any(Number), dead: expect.any(Number) });
    const run = JSON.parse(await readFile(join(folder, "one/run.json"), "utf8"));
    expect(run).toMatchObject({
      variant: "topk",
      recipe: { dSae: 16, steps: 60, lr: 2e-4, scale: "rms" },
      data: { kind: "file", sha256: expect.stringMatching(/^[0-9a-f]{64}$/), rows: 2000, order: "shuffled" },
      environment: { node: process.versions.node, "onnxruntime-node": expect.stringMatching(/^\d/), provider: "cpu" },
    });
    const log = (await readFile(join(folder, "one/log.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(log.map(({ step }) => step)).toEqual([0, 19, 39, 59]);
    expect(log[0]).toMatchObject({ loss: expect.any(Number), mse: expect.any(Number), l0: 2 });
  });

  test("is read back when it is done, whatever the machine's facts", async () => {
    const before = await hashes(join(folder, "one"));
    const { code, stderr, stdout } = await runCli(training("one", { "log-every": 20, workers: 1 }), folder);
    expect(code).toBe(0);
    expect(stderr).toContain("one: finished before with these options; read back");
    expect(stdout).toMatch(/one +0 +0\.\d+/);
    expect(await hashes(join(folder, "one"))).toEqual(before);
  });

  test("of other options is refused, and says which", async () => {
    const before = await hashes(join(folder, "one"));
    const { code, stderr } = await runCli(training("one", { "log-every": 20, lr: 0.01, steps: 70 }), folder);
    expect(code).toBe(2);
    expect(stderr).toContain("recipe.steps 60 there, 70 now");
    expect(stderr).toContain("recipe.lr 0.0002 there, 0.01 now");
    expect(await hashes(join(folder, "one"))).toEqual(before);
  });

  test("for each of several seeds has a folder", async () => {
    const args = training("seeds", { seeds: "3,4", baseline: "frozen_decoder", "baseline-init": "cov" }, "--json");
    const { code, stdout } = await runCli(args, folder);
    expect(code).toBe(0);
    const runs = JSON.parse(stdout).runs as { seed: number; folder: string; config: { recipe: { init: string } } }[];
    expect(runs.map(({ seed, folder: place, config }) => [seed, place, config.recipe.init])).toEqual([
      [3, "seeds/seed-3", "cov"],
      [4, "seeds/seed-4", "cov"],
    ]);
  });

  test("of a control that needs a trained SAE trains that first, beside it", async () => {
    expect((await runCli(training("shuffled", { baseline: "shuffled_decoder" }), folder)).code).toBe(0);
    expect(existsSync(join(folder, "shuffled/trained/sae_weights.safetensors"))).toBe(true);
    const rows = async (place: string) => {
      const data = toFloat32((await readSafetensors(join(folder, place, "sae_weights.safetensors"))).tensors.W_dec);
      return Array.from({ length: 16 }, (_, row) => data.subarray(row * 8, row * 8 + 8).join()).sort();
    };
    expect(await rows("shuffled")).toEqual(await rows("shuffled/trained"));
  });
});

describe("a run that was killed", () => {
  const long = (out: string) => training(out, { steps: 3000, "checkpoint-seconds": 0, variant: "batchtopk" });

  /** Kills the program, as the kernel would, once a checkpoint is there. */
  async function killed(out: string): Promise<void> {
    const { child, ended } = startCli(long(out), folder);
    await until(() => existsSync(join(folder, out, "checkpoint.safetensors")));
    child.kill("SIGKILL");
    await ended;
    expect(existsSync(join(folder, out, "result.json"))).toBe(false);
  }

  test("continues from its checkpoint and ends with the bytes of one that was not", async () => {
    await killed("killed");
    const { metadata, close } = await openSafetensors(join(folder, "killed/checkpoint.safetensors"));
    await close();
    expect(Number(metadata.step)).toBeGreaterThan(0);
    expect((await runCli(long("killed"), folder)).code).toBe(0);
    expect((await runCli(long("undisturbed"), folder)).code).toBe(0);
    expect(await hashes(join(folder, "killed"))).toEqual(await hashes(join(folder, "undisturbed")));
  });

  test("while it was evaluated is not trained again", async () => {
    const run = join(folder, "undisturbed");
    const before = await hashes(run);
    const weights = await stat(join(run, "sae_weights.safetensors"));
    await rm(join(run, "result.json"));
    expect((await runCli(long("undisturbed"), folder)).code).toBe(0);
    expect(await hashes(run)).toEqual(before);
    expect((await stat(join(run, "sae_weights.safetensors"))).mtimeMs).toBe(weights.mtimeMs);
  });

  test("with a damaged checkpoint is refused, with nothing lost, until the user deletes it", async () => {
    await killed("damaged");
    const checkpoint = join(folder, "damaged/checkpoint.safetensors");
    // Its worker may need a moment to notice.
    await (await lockFolder(join(folder, "damaged"), () => {}))();
    await truncate(checkpoint, 1000);
    const { code, stderr } = await runCli(long("damaged"), folder);
    expect(code).toBe(3);
    expect(stderr).toContain("checkpoint.safetensors: damaged");
    expect(stderr).toContain("delete it to start this run from the beginning");
    expect(existsSync(checkpoint)).toBe(true);
    await rm(checkpoint);
    expect((await runCli(long("damaged"), folder)).code).toBe(0);
    expect(await hashes(join(folder, "damaged"))).toEqual(await hashes(join(folder, "undisturbed")));
  });

  test.each(["SIGINT", "SIGTERM"] as const)("by %s says how to continue", async (signal) => {
    const { child, ended } = startCli(long(signal), folder);
    await until(() => existsSync(join(folder, signal, "checkpoint.safetensors")));
    child.kill(signal);
    const { code, stderr } = await ended;
    expect(code).toBe(130);
    expect(stderr).toContain("give the same command again to continue");
  });
});

/** Reference runs in float64, made outside this project. */
const shared = process.env.SAE_SHARED ?? join(import.meta.dirname, "../../../../shared");
const fixtures = join(shared, "fixtures/training");
const names = ["topk.trained", "batchtopk.soft_frozen_decoder", "jumprelu.trained", "matryoshka.frozen_encoder"];

describe.skipIf(!existsSync(fixtures))(
  `the program follows the float64 reference (skipped without ${fixtures})`,
  () => {
    test.each(names)("%s", async (name) => {
      const { tensors, metadata } = await readSafetensors(join(fixtures, `${name}.safetensors`));
      const config = JSON.parse(metadata.config);
      await mkdir(join(folder, name), { recursive: true });
      const [data, init, out] = [`${name}/x.npy`, `${name}/init.safetensors`, `${name}/run`];
      await writeNpy(join(folder, data), tensors.x);
      await writeSafetensors(join(folder, init), withPrefix(tensors, "init."));
      const own: Record<string, (string | number)[]> = {
        jumprelu: ["--l0-weight", config.l0_weight, "--bandwidth", config.eps, "--theta0", config.theta0],
        matryoshka: ["--fractions", config.fractions.join(",")],
      };
      const args = [
        ["train", "--data", data, "--init", init, "--variant", config.variant, "--baseline", config.baseline],
        ["--d-sae", config.F, "--l0", config.k, "--steps", config.steps, "--batch", config.batch, "--lr", config.lr],
        ["--order", "sequential", "--scale", "none", "--warmup", 0, "--decay", 0, "--aux", 0, "--l0-warmup", 0],
        ["--clip", config.clip, "--log-every", 1, "--out", out, ...(own[config.variant] ?? [])],
        config.baseline === "soft_frozen_decoder" ? ["--tau", config.tau] : [],
      ];
      const { code, stderr } = await runCli(args.flat(), folder);
      expect(code, stderr).toBe(0);
      const log = (await readFile(join(folder, out, "log.jsonl"), "utf8"))
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
      expect(log).toHaveLength(config.steps);
      const losses = tensors.losses.data as Float64Array;
      log.forEach((line, step) => {
        expect(Math.abs(line.loss / losses[3 * step] - 1), `loss of step ${step}`).toBeLessThan(1e-3);
        expect(Math.abs(line.mse / losses[3 * step + 1] - 1), `mse of step ${step}`).toBeLessThan(1e-3);
      });
      const saved = await readSafetensors(join(folder, out, "sae_weights.safetensors"));
      for (const [parameter, expected] of Object.entries(withPrefix(tensors, "final."))) {
        const got = toFloat32(saved.tensors[parameter]);
        const worst = toFloat32(expected).reduce((largest, value, i) => Math.max(largest, Math.abs(value - got[i])), 0);
        expect(worst, parameter).toBeLessThan(2e-3);
      }
    });
  },
);

const withPrefix = (tensors: Safetensors["tensors"], prefix: string): Safetensors["tensors"] =>
  Object.fromEntries(
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, tensor]) => [name.slice(prefix.length), tensor]),
  );
