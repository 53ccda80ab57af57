import {
  compile,
  constant,
  type Density,
  fillNormal,
  float32,
  fold,
  full,
  grad,
  key,
  largestInBatch,
  preActivation,
  type Value,
} from "@sae/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { againstReference } from "./againstReference.testkit.js";
import type { AnySae, LossArguments, SaeParams } from "./defineSae.js";
import { defineSae } from "./defineSae.js";
import { drawRows } from "./initialWeights.js";
import { recipeSchema } from "./recipe.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { compileTraining, scheduleNames, stateTypes, storedShapes, type TrainSpec } from "./trainStep.js";
import { worstDifference } from "./useSae.testkit.js";
import { batchTopkSae } from "./variants/batchtopk.js";
import { variants } from "./variants/index.js";
import { jumpReluSae } from "./variants/jumprelu.js";
import { matryoshkaSae } from "./variants/matryoshka.js";
import { reluSae } from "./variants/relu.js";
import { batchThreshold, groupSizes, prefixReconstructions, thresholdState } from "./variants/shared.js";
import { topkSae } from "./variants/topk.js";

describe("the list of the study", () => {
  it("keeps its names and order: they are in files and on command lines", () => {
    expect(variants.map(({ name }) => name)).toEqual(["relu", "topk", "batchtopk", "jumprelu", "matryoshka"]);
  });

  it.each(variants)("$name needs a target L0 and nothing else, and says where it comes from", ({ config, paper }) => {
    expect(config.safeParse({ l0: 3 }).success).toBe(true);
    expect(config.safeParse({}).success).toBe(false);
    expect(config.safeParse({ l0: 0 }).success).toBe(false);
    expect(paper).toMatch(/20\d\d/);
  });

  it("a variant has a name fit for files", () => {
    expect(() => defineSae({ ...topkSae, name: "Top K" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: defineSae: needed a name of lower-case letters, digits and _, got 'Top K']`,
    );
  });
});

describe("follows plain loops in double precision", () => {
  it.each(variants)(
    "$name: twenty steps with warm-up, decay, weight decay, clipping and dead latents",
    async (variant) => {
      const { log, weights, l1, lines } = await againstReference({ variant });
      expect(log).toBeLessThan(1e-5);
      expect(weights).toBeLessThan(1e-5);
      expect(l1).toBeLessThan(1e-5);
      expect(lines.some(({ dead }) => dead > 0)).toBe(variant.auxiliary);
      expect(lines.some(({ aux }) => aux > 0)).toBe(variant.auxiliary);
      expect(lines.some(({ gradNorm }) => gradNorm > 0.5)).toBe(true); // clipped
    },
  );

  it("relu: the steered coefficient", async () => {
    const { log, l1, lines } = await againstReference({ variant: reluSae, config: { l0: 4 }, recipe: { steps: 60 } });
    expect(log).toBeLessThan(1e-5);
    expect(l1).toBeLessThan(1e-5);
    expect(lines.length).toBe(60);
  });

  it.each(variants.filter(({ auxiliary }) => auxiliary))(
    "$name: without auxiliary loss, with fewer latents in it",
    async (variant) => {
      for (const recipe of [{ aux: 0 }, { kAux: 1, aux: 0.5 }, { kAux: 100 }]) {
        const { log, weights } = await againstReference({ variant, recipe });
        expect(log).toBeLessThan(1e-5);
        expect(weights).toBeLessThan(1e-5);
      }
    },
  );

  it("matryoshka: other groups", async () => {
    for (const fractions of [[1], [0.1, 0.9], [0.3, 0.3, 0.3, 0.1]]) {
      const { log, weights } = await againstReference({ variant: matryoshkaSae, config: { l0: 4, fractions } });
      expect(log).toBeLessThan(1e-5);
      expect(weights).toBeLessThan(1e-5);
    }
  });

  it("jumprelu: no latent near its threshold, all of them near it", async () => {
    for (const bandwidth of [1e-9, 10]) {
      const { log, weights } = await againstReference({
        variant: jumpReluSae,
        config: { l0: 4, bandwidth, theta0: 0.1 },
      });
      expect(log).toBeLessThan(1e-5);
      expect(weights).toBeLessThan(1e-5);
    }
  });
});

const numbers = ({ data }: Value): number[] => Array.from(data as Float32Array);

const dModel = 6;
const dSae = 40;
const batch = 16;

/** State, log and all after three steps of training with codes listed or laid out. */
async function threeSteps(variant: AnySae, options: Record<string, unknown>, density: Density) {
  const recipe = recipeSchema.parse({ dSae, steps: 3, batch, lr: 1e-2, scale: "none" });
  const config = variant.config.parse({ l0: 3, ...options });
  const spec: TrainSpec = { variant, config, constraint: { name: "trained" }, recipe, dModel, dSae };
  const rows = drawRows(4, { dModel, dSae });
  const scalars = variant.state?.(config) ?? {};
  const state = Object.fromEntries(
    Object.entries(stateTypes(spec)).map(([name, { shape }]) => {
      const zeros = new Float32Array((shape as number[]).reduce((a, b) => a * b, 1));
      if (name === "W_enc" || name === "W_dec") return [name, rows.slice()];
      if (name === "b_enc") return [name, zeros.fill(-0.6)]; // few are active
      return [name, zeros.fill(name.startsWith("state.") ? scalars[name.slice(6)] : 0)];
    }),
  );
  const schedule = Object.fromEntries(
    scheduleNames.map((name) => [name, { data: new Float32Array(3).fill(name === "lr" ? 0.01 : 1), shape: [3] }]),
  );
  const x = toyActivations({ rows: 3 * batch, dModel });
  const program = await compileTraining(spec, density, {});
  const results = await program.run({
    ...state,
    ...schedule,
    x: { data: x, shape: [3, batch, dModel] },
    inverseScale: Float32Array.of(1),
  });
  await program.dispose();
  expect(Object.keys(results)).toEqual(expect.arrayContaining(Object.keys(storedShapes(spec))));
  return results;
}

describe("listed and laid-out codes train alike", () => {
  it.each([
    { variant: reluSae, options: { l1: 0.05 } },
    { variant: jumpReluSae, options: { bandwidth: 0.2, theta0: 0.05 } },
    { variant: jumpReluSae, options: { bandwidth: 0.2, theta0: -0.1 } },
    { variant: matryoshkaSae, options: {} },
  ])("$variant.name $options", async ({ variant, options }) => {
    const [sparse, dense] = [await threeSteps(variant, options, "sparse"), await threeSteps(variant, options, "dense")];
    expect(Number(sparse.log.data[2])).toBeGreaterThan(0); // L0
    for (const name of Object.keys(dense)) {
      expect(worstDifference(sparse[name].data as Float32Array, dense[name].data as Float32Array), name).toBeLessThan(
        2e-5,
      );
    }
  });
});

describe("jumprelu, worked by hand", () => {
  // One latent in one dimension: W_enc = W_dec = 1, no biases, θ = 0.05, ε = 0.04. Inputs 0.06 and 0.04 lie in the kernel.
  const x = Float32Array.of(0.06, 0.04, 0.2, -1);
  const config = jumpReluSae.config.parse({ l0: 1, bandwidth: 0.04 });

  it.each<Density>(["dense", "sparse"])("value and gradient of the threshold, %s", async (density) => {
    const program = await compile({ x: float32(4, 1), threshold: float32(1) }, ({ x, threshold }) => {
      const one = full(1, [1, 1]);
      const zero = full(0, [1]);
      const p: SaeParams = { W_enc: one, W_dec: one, b_enc: zero, b_dec: zero, threshold };
      const args = { x, p, state: {}, config, batch: 4, density };
      const schedule = { lr: constant(1), sparsity: constant(1) };
      const { mse, penalties = {} } = jumpReluSae.loss({ ...args, ...jumpReluSae.encode(args), schedule });
      return {
        mse,
        l0: penalties.l0,
        fromMse: grad(mse, [threshold])[0],
        fromL0: grad(penalties.l0, [threshold])[0],
      };
    });
    const got = await program.run({ x, threshold: Float32Array.of(0.05) });
    const number = (name: keyof typeof got) => Number(got[name].data[0]);
    // f = (0.06, 0, 0.2, 0): errors 0, −0.04, 0, 1
    expect(number("mse")).toBeCloseTo((0.04 ** 2 + 1) / 4, 6);
    // L0 = 2/4: (0.5 / 1 − 1)²
    expect(number("l0")).toBeCloseTo(0.25, 6);
    // −θ/ε of the entry that is switched off, times its 2 · (−0.04) / 4
    expect(number("fromMse")).toBeCloseTo((-0.05 / 0.04) * ((2 * -0.04) / 4), 6);
    // 2 (0.5 − 1) · (−1/ε) · two entries in the kernel / 4
    expect(number("fromL0")).toBeCloseTo(2 * -0.5 * (-1 / 0.04) * (2 / 4), 4);
    await program.dispose();
  });
});

describe("matryoshka", () => {
  it("groups are fractions rounded down, the last takes the remainder", () => {
    expect(groupSizes([0.5, 0.3, 0.2], 10)).toEqual([5, 3, 2]);
    expect(groupSizes([0.5, 0.3, 0.2], 9)).toEqual([4, 2, 3]);
    expect(groupSizes([1], 7)).toEqual([7]);
  });

  it("groups cover every latent once", () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(weights, fc.integer({ min: 1, max: 500 }), (parts, size) => {
        const total = parts.reduce((a, b) => a + b);
        const sizes = groupSizes(
          parts.map((part) => part / total),
          size,
        );
        expect(sizes.reduce((a, b) => a + b)).toBe(size);
        expect(Math.min(...sizes)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it("the prefixes of codes that are listed and of codes that are laid out", async () => {
    // Latents 0 and 1 | 2 | 3 write 1, 10 | 100 | 1000 into one dimension; b_dec is 0.5.
    const program = await compile({ values: float32(2, 4), w: float32(4, 1) }, ({ values, w }) => {
      const p = { W_dec: w, b_dec: full(0.5, [1]) } as unknown as SaeParams;
      const fractions = [0.5, 0.25, 0.25];
      const laidOut = { values, pattern: null, batch: 2, dSae: 4 };
      const eye = constant(
        Float32Array.from({ length: 16 }, (_, i) => (i % 5 === 0 ? 1 : 0)),
        [4, 4],
      );
      const listed = largestInBatch(preActivation(values, { W_enc: eye, b_enc: full(0, [4]) }), 5);
      const prefixes = (codes: typeof listed) => prefixReconstructions(codes, p, fractions);
      const [a0, a1, a2] = prefixes(laidOut);
      const [b0, b1, b2] = prefixes(listed);
      return { a0, a1, a2, b0, b1, b2 };
    });
    const got = await program.run({
      values: Float32Array.of(1, 2, 0, 3, 0, 0, 4, 5),
      w: Float32Array.of(1, 10, 100, 1000),
    });
    for (const kind of ["a", "b"] as const) {
      expect(numbers(got[`${kind}0`])).toEqual([21.5, 0.5]);
      expect(numbers(got[`${kind}1`])).toEqual([21.5, 400.5]);
      expect(numbers(got[`${kind}2`])).toEqual([3021.5, 5400.5]);
    }
    await program.dispose();
  });
});

describe("the running threshold of batchtopk and matryoshka", () => {
  /** Hint and threshold after a batch whose chosen values are these. */
  const after = async (values: number[], threshold: number) => {
    const program = await compile({ values: float32(1, values.length), threshold: float32() }, (p) =>
      batchThreshold({
        codes: { values: p.values, pattern: null, batch: 1, dSae: values.length },
        state: { hint: constant(thresholdState.hint), threshold: p.threshold },
      } as unknown as LossArguments<unknown>),
    );
    const next = await program.run({ values: Float32Array.from(values), threshold: Float32Array.of(threshold) });
    await program.dispose();
    return { hint: Number(next.hint.data[0]), threshold: Number(next.threshold.data[0]) };
  };

  it("is the first batch's smallest positive value, and then moves by a thousandth of the way", async () => {
    expect((await after([3, 0, 2], Number.NaN)).threshold).toBeCloseTo(2, 6);
    const { hint, threshold } = await after([3, 0, 2], 1);
    expect(threshold).toBeCloseTo(1.001, 6);
    expect(hint).toBeCloseTo(0.97 * 2, 6);
  });

  it("stays where it is when a batch has no positive value, and the next batch is searched whole", async () => {
    const { hint, threshold } = await after([0, 0, 0], 1.5);
    expect(threshold).toBe(1.5);
    expect(hint).toBeGreaterThan(1e29);
    expect((await after([0, 0, 0], Number.NaN)).threshold).toBeNaN(); // there is still no first value
  });
});

describe("how many latents are active", () => {
  const x = fillNormal(fold(key(7), "x"), new Float32Array(batch * dModel));
  const rows = drawRows(1, { dModel, dSae });
  const W_enc = Float32Array.from({ length: rows.length }, (_, i) => rows[(i % dSae) * dModel + Math.floor(i / dSae)]);

  const active = async (variant: AnySae, l0: number): Promise<number[]> => {
    const config = variant.config.parse({ l0 });
    const types = { x: float32(batch, dModel), W_enc: float32(dModel, dSae), hint: float32() };
    const program = await compile(types, ({ x, W_enc, hint }) => {
      const p: SaeParams = {
        W_enc,
        b_enc: full(0, [dSae]),
        W_dec: full(0, [dSae, dModel]),
        b_dec: full(0, [dModel]),
      };
      const { codes } = variant.encode({ x, p, state: { hint, threshold: hint }, config, batch, density: "sparse" });
      return { values: codes.values };
    });
    const counts = [];
    for (const hint of [1e30, 0.1, -1]) {
      const { values } = await program.run({ x, W_enc, hint: Float32Array.of(hint) });
      counts.push(numbers(values).filter((value) => value > 0).length);
    }
    await program.dispose();
    return counts;
  };

  it("topk: k for each input", async () => {
    expect(new Set(await active(topkSae, 3))).toEqual(new Set([3 * batch]));
  });

  it("batchtopk and matryoshka: the batch has ⌊l0 · batch⌋, whatever the search is told to begin with", async () => {
    expect(await active(batchTopkSae, 2.6)).toEqual([41, 41, 41]);
    expect(await active(matryoshkaSae, 2.6)).toEqual([41, 41, 41]);
  });

  it("never more than are positive", async () => {
    const positive = (await active(batchTopkSae, dSae))[0];
    expect(positive).toBeLessThan(0.7 * batch * dSae);
    expect((await active(topkSae, dSae))[0]).toBe(positive);
  });
});
