import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Constraint } from "./constraint.js";
import { densityFor } from "./density.js";
import { meanRow } from "./initialWeights.js";
import { filesOf, resumableRun, stopAt } from "./resumableRun.testkit.js";
import { loadSae } from "./sae.js";
import { arrayActivations, fileSource, generatorSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { TrainOptions } from "./trainOptions.js";
import { explained, useSae, worstDifference } from "./useSae.testkit.js";
import { batchTopkSae } from "./variants/batchtopk.js";
import { variants } from "./variants/index.js";
import { jumpReluSae } from "./variants/jumprelu.js";
import { matryoshkaSae } from "./variants/matryoshka.js";
import { reluSae } from "./variants/relu.js";
import { topkSae } from "./variants/topk.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sae-train-"));
});
afterAll(() => rm(folder, { recursive: true }));

const dModel = 8;
const x = toyActivations({ rows: 4000, dModel });
const source = await fileSource(arrayActivations(x, dModel));
const base: Omit<TrainOptions, "variant"> = {
  config: { l0: 3 },
  recipe: { dSae: 32, steps: 60, batch: 64, lr: 5e-3, warmup: 5, l0Warmup: 20 },
  source,
  calibrationRows: 192,
};

describe("a run that is interrupted ends with the same bytes", () => {
  const stopped = () => {
    throw new Error("stopped");
  };

  it.each(variants)("$name, stopped twice between two checkpoints", async ({ name }) => {
    const [whole, parts] = [join(folder, `${name}-whole`), join(folder, `${name}-parts`)];
    await resumableRun(name, whole);
    for (const step of [100, 200]) {
      await expect(resumableRun(name, parts, { onProgress: stopAt(step, stopped) })).rejects.toThrow("stopped");
      expect(Object.keys(await filesOf(parts))).toEqual(["checkpoint.safetensors", "log.jsonl"]);
    }
    const steps: number[] = [];
    await resumableRun(name, parts, { onProgress: ({ step }) => steps.push(step) });
    expect(steps).toEqual([230]);
    const files = await filesOf(whole);
    expect(Object.keys(files)).toEqual(["cfg.json", "log.jsonl", "run.json", "sae_weights.safetensors"]);
    expect(await filesOf(parts)).toEqual(files);
  });

  it("in a process that is killed while it writes its log", async () => {
    const [whole, killed] = [join(folder, "whole"), join(folder, "killed")];
    // Vite compiles the sources for the child, which has no test runner around it.
    const script = `
      import { createViteServer } from "vitest/node";
      const conditions = ["@sae/source", "module", "node", "development|production"];
      const server = await createViteServer({
        configFile: false, root: process.cwd(), appType: "custom", logLevel: "error", optimizeDeps: { noDiscovery: true },
        server: { middlewareMode: true, hmr: false, ws: false, watch: null }, resolve: { conditions }, ssr: { resolve: { conditions } },
      });
      const { resumableRun, stopAt } = await server.ssrLoadModule("/src/resumableRun.testkit.ts");
      await resumableRun("batchtopk", ${JSON.stringify(killed)}, { onProgress: stopAt(150, () => process.kill(process.pid, "SIGKILL")) });
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
      cwd: join(import.meta.dirname, ".."),
      stdio: ["ignore", "ignore", "inherit"],
    });
    const signal = await new Promise((resolve) => child.once("exit", (_code, by) => resolve(by)));
    expect(signal).toBe("SIGKILL");
    expect(Object.keys(await filesOf(killed))).toEqual(["checkpoint.safetensors", "log.jsonl"]);
    await resumableRun("batchtopk", killed);
    await resumableRun("batchtopk", whole);
    expect(await filesOf(killed)).toEqual(await filesOf(whole));
  });

  it("how often it is saved and reported changes nothing", async () => {
    const [often, never] = [join(folder, "often"), join(folder, "never")];
    await resumableRun("topk", often, { onProgress: () => {} });
    await resumableRun("topk", never, { checkpointMs: 1e9 });
    expect(await filesOf(often)).toEqual(await filesOf(never));
  });
});

describe("the same seed", () => {
  it("gives the same bytes, another one does not", async () => {
    const weights = async (seed: number) =>
      (await train({ ...base, variant: batchTopkSae, recipe: { ...base.recipe, seed } })).sae.weights;
    const first = await weights(1);
    expect(await weights(1)).toEqual(first);
    expect((await weights(2)).W_enc).not.toEqual(first.W_enc);
  });

  it("gives every variant the same decoder to start from", async () => {
    const [first, ...others] = await Promise.all(
      variants.map(
        async (variant) => (await train({ ...base, variant, recipe: { ...base.recipe, steps: 0 } })).initialDecoder,
      ),
    );
    for (const other of others) expect(other).toEqual(first);
  });
});

describe("a trained SAE", () => {
  it.each(variants)("$name explains more of the data than before, with about the L0 asked for", async (variant) => {
    const recipe = { ...base.recipe, steps: 1500, deadTokens: 6400 };
    const { sae, log } = await train({ ...base, variant, recipe });
    const { xHat, l0 } = useSae(sae, x);
    expect(explained(x, xHat, dModel)).toBeGreaterThan(0.6);
    expect(explained(x, xHat, dModel)).toBeGreaterThan(log[0].explainedVariance);
    expect(l0).toBeGreaterThan(2.4);
    expect(l0).toBeLessThan(3.6);
  });

  it.each([topkSae, batchTopkSae, jumpReluSae])(
    "$name works on raw activations, whatever it was scaled by in training",
    async (variant) => {
      const factor = 64; // a power of two: rounding is the same, so that no entry falls on the other side of the threshold
      const big = await fileSource(
        arrayActivations(
          x.map((value) => value * factor),
          dModel,
        ),
      );
      const small = await train({ ...base, variant });
      const large = await train({ ...base, variant, source: big });
      expect(large.scale / small.scale).toBeCloseTo(factor, 3);
      const [a, b] = [
        useSae(small.sae, x),
        useSae(
          large.sae,
          x.map((value) => value * factor),
        ),
      ];
      expect(
        worstDifference(
          b.xHat.map((value) => value / factor),
          a.xHat,
        ),
      ).toBeLessThan(1e-3);
      expect(large.sae.weights.W_dec.length).toBe(small.sae.weights.W_dec.length);
    },
  );

  it("without scaling differs from one with, except in the number 1", async () => {
    const { scale } = await train({ ...base, variant: topkSae, recipe: { ...base.recipe, scale: "none", steps: 1 } });
    expect(scale).toBe(1);
  });
});

describe("a run without steps", () => {
  it.each(variants)("$name is the draw, ready to use", async (variant) => {
    const out = join(folder, `none-${variant.name}`);
    const { sae, log, initialDecoder, calibration } = await train({
      ...base,
      variant,
      recipe: { ...base.recipe, steps: 0 },
      out,
    });
    expect(log).toEqual([]);
    expect(sae.weights.W_dec).toEqual(initialDecoder);
    const first = new Float32Array(64 * dModel);
    await source.trainBatch(0, first);
    expect(worstDifference(sae.weights.b_dec, meanRow(first, dModel))).toBeLessThan(1e-6);
    expect(calibration !== null).toBe(variant.inference === "threshold");
    expect(await loadSae(out)).toEqual(sae);
  });
});

describe("what is reported", () => {
  it("a line for every step asked for, the first and the last", async () => {
    const { log } = await train({ ...base, variant: topkSae, logEvery: 25 });
    expect(log.map(({ step }) => step)).toEqual([0, 24, 49, 59]);
    expect(Object.keys(log[0])).toEqual(["step", "loss", "mse", "l0", "explainedVariance", "aux", "gradNorm", "dead"]);
  });

  it("snapshots, which change nothing", async () => {
    const seen: number[] = [];
    const plain = await train({ ...base, variant: topkSae });
    const watched = await train({
      ...base,
      variant: topkSae,
      snapshots: [7, 30, 60, 99],
      onSnapshot: ({ step, sae, initialDecoder }) => {
        seen.push(step);
        expect(sae.weights.W_dec).not.toEqual(initialDecoder);
      },
    });
    expect(seen).toEqual([7, 30, 60]);
    expect(worstDifference(watched.sae.weights.W_dec, plain.sae.weights.W_dec)).toBe(0);
  });

  it("not even when codes change from dense to listed on the way", async () => {
    const wide = await fileSource(arrayActivations(toyActivations({ rows: 4000, dModel: 32 }), 32));
    const recipe = { dSae: 640, steps: 100, batch: 128, lr: 5e-3, warmup: 20, l0Warmup: 60 };
    const options: TrainOptions = { variant: jumpReluSae, config: { l0: 8 }, recipe, source: wide, logEvery: 1 };
    const plain = await train(options);
    expect(densityFor(plain.log[0].l0, 640)).toBe("dense");
    const change = plain.log.findIndex(({ l0 }) => densityFor(l0, 640) === "sparse") + 1;
    expect(change).toBeGreaterThan(40); // the first 50 steps are one run of the program
    expect(change).toBeLessThan(50);
    const watched = await train({ ...options, snapshots: [change], onSnapshot: () => {} });
    expect(worstDifference(watched.sae.weights.W_dec, plain.sae.weights.W_dec)).toBe(0);
  });
});

describe("the ReLU variant's coefficient", () => {
  it("is steered until the target L0 is met", async () => {
    const many = { dSae: 64, steps: 2500, batch: 64, lr: 2e-3, warmup: 50, l0Warmup: 200 };
    const { log, scalars } = await train({ ...base, variant: reluSae, config: { l0: 4 }, recipe: many, logEvery: 1 });
    const last = log.slice(-200).reduce((total, { l0 }) => total + l0, 0) / 200;
    expect(Math.abs(last - 4)).toBeLessThan(0.2);
    expect(scalars.l1).toBeGreaterThan(0.02);
  });

  it("stays where it is when given", async () => {
    const { scalars } = await train({ ...base, variant: reluSae, config: { l0: 4, l1: 0.07 } });
    expect(scalars.l1).toBeCloseTo(0.07, 7);
  });
});

describe("refuses", () => {
  const run = (options: Partial<TrainOptions>) => train({ ...base, variant: topkSae, ...options });

  it("options that the recipe or the variant does not have, or out of range", async () => {
    await expect(run({ recipe: { ...base.recipe, lr: -1, batch: 0.5 } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: recipe: batch: Invalid input: expected int, received number; lr: Too small: expected number to be >0]`,
    );
    await expect(run({ config: { l0: 2.5 } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: options of 'topk': l0: Invalid input: expected int, received number]`,
    );
    await expect(run({ config: {} as never })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: options of 'topk': l0: Invalid input: expected number, received undefined]`,
    );
    const fractions = run({ variant: matryoshkaSae, config: { l0: 3, fractions: [0.5, 0.4] } });
    await expect(fractions).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: options of 'matryoshka': fractions: must add up to 1]`,
    );
  });

  it("a longer silence of dead latents than is counted", async () => {
    const recipe = { ...base.recipe, deadTokens: 2e7 };
    await expect(run({ recipe })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: recipe: deadTokens: needed at most 16000000, as far as activations without firing are counted, got 20000000; set aux to 0 to leave dead latents alone]`,
    );
    await run({ recipe: { ...recipe, steps: 1, deadTokens: 16e6 } });
  });

  it("a threshold with nothing to be calibrated on, before it trains", async () => {
    const nothingHeldOut = { ...source, heldOutBatches: () => 0 };
    let steps = 0;
    const onProgress = () => steps++;
    await expect(
      run({ variant: batchTopkSae, source: nothingHeldOut, onProgress }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: held-out activations: needed at least one for thresholds and evaluation, got none; raise --held-out, or give more activations]`,
    );
    expect(steps).toBe(0);
    await run({ source: nothingHeldOut }); // TopK has no threshold
  });

  it("decoder rows without a direction, where the constraint keeps them to theirs", async () => {
    const W_dec = new Float32Array(32 * dModel).fill(1).fill(0, 3 * dModel, 4 * dModel);
    const constraint: Constraint = { name: "kept", project: { W_dec: ({ initial }) => initial } };
    await expect(run({ initial: { W_dec }, constraint })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: baseline 'kept', initial 'W_dec': needed rows with a direction, got one of norm 0 (row 3); give it other starting weights]`,
    );
    await run({ initial: { W_dec } });
  });

  it("more active latents than there are", async () => {
    await expect(run({ config: { l0: 33 } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: topk: needed a target L0 of at most dSae = 32, got 33; lower --l0 or raise --d-sae]`,
    );
  });

  it("starting weights of another size", async () => {
    await expect(run({ initial: { b_enc: new Float32Array(31) } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: initial 'b_enc': needed 32 numbers for dModel 8 and dSae 32, got 31; give weights of that size or another dSae]`,
    );
  });

  it("starting weights that the variant does not have, and trains with those it has", async () => {
    await expect(run({ initial: { threshold: new Float32Array(32) } })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: initial 'threshold': topk has no such parameter; needed some of W_enc, b_enc, W_dec, b_dec]`,
    );
    const threshold = new Float32Array(32).fill(0.25);
    const recipe = { ...base.recipe, steps: 0, scale: "none" as const };
    const { sae } = await run({ variant: jumpReluSae, initial: { threshold }, recipe });
    expect(sae.weights.threshold).toEqual(threshold);
  });

  it("counts that are none", async () => {
    await expect(run({ logEvery: 0 })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: train: needed logEvery to be a whole number of at least 1, got 0; leave it out for its default]`,
    );
    await expect(run({ calibrationRows: 0.5 })).rejects.toThrow("needed calibrationRows to be a whole number");
    await expect(run({ snapshots: [5, 7.5] })).rejects.toThrow("needed snapshots[1] to be a whole number");
  });

  it("activations that are not numbers, by row or by step", async () => {
    const bad = x.slice();
    bad[5 * dModel + 2] = Number.NaN;
    expect(() => arrayActivations(bad, dModel)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: arrayActivations: row 5: needed finite numbers, got NaN; mend or leave out such rows]`,
    );
    const generator = {
      dModel,
      batch: (index: number, _size: number, out: Float32Array) => out.fill(index === 12 ? Number.NaN : index + 1),
    };
    const recipe = { ...base.recipe, scale: "none" as const };
    await expect(
      run({ recipe, source: generatorSource(generator, generator, {}) }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: training diverged: the loss of step 12 is NaN, the norm of its gradient NaN; lower --lr or check the activations]`,
    );
  });

  it("activations that are all zero", async () => {
    const zeros = await fileSource(arrayActivations(new Float32Array(100 * dModel), dModel));
    await expect(run({ source: zeros })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: scale: needed activations that are not all zero; use --scale none to train on them as they are]`,
    );
    const cov = { ...base.recipe, scale: "none" as const, init: "cov" as const };
    await expect(run({ source: zeros, recipe: cov })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: cov init: needed activations that vary, got a covariance of zeros; use --init iso]`,
    );
  });
});
