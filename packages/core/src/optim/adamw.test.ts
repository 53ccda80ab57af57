import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { largestDifference } from "../interpret.js";
import { ndArray } from "../ndArray.js";
import { fillNormal, fold, key } from "../random.js";
import { float32 } from "../tensorType.js";
import { adamw, biasCorrections } from "./adamw.js";
import { clipFactor, clipGlobalNorm, globalNorm } from "./clipGlobalNorm.js";

const normal = (name: string, map = (x: number) => x) =>
  fillNormal(fold(key("adamw"), name), new Float32Array(50)).map(map);
const rates = { lr: 0.01, beta1: 0.9, beta2: 0.99, eps: 1e-3, weightDecay: 0.1 };

test.each([1, 2, 1000])("step %i follows Algorithm 2 of the paper", async (t) => {
  const feeds = { p: normal("p"), g: normal("g"), m: normal("m"), v: normal("v", Math.abs) };
  const types = { p: float32(50), g: float32(50), m: float32(50), v: float32(50) };
  const corrections = biasCorrections(t, rates.beta1, rates.beta2);
  const program = await compile(types, ({ p, g, m, v }) => ({
    ...adamw(p, g, { m, v }, { ...rates, ...corrections }),
  }));
  const got = await program.run(feeds);
  const { lr, beta1, beta2, eps, weightDecay } = rates;
  const expected = Array.from(feeds.p, (p, i) => {
    const m = beta1 * feeds.m[i] + (1 - beta1) * feeds.g[i];
    const v = beta2 * feeds.v[i] + (1 - beta2) * feeds.g[i] ** 2;
    const mHat = m / (1 - beta1 ** t);
    const vHat = v / (1 - beta2 ** t);
    return p - lr * (mHat / (Math.sqrt(vHat) + eps) + weightDecay * p);
  });
  expect(largestDifference(got.parameter, ndArray([50], expected))).toBeLessThan(1e-6);
});

test.each([0.5, 1e6])("scaling inside the step is clipping the gradient before it (norm %f)", async (maxNorm) => {
  const feeds = { p: normal("p"), g: normal("g"), m: normal("m"), v: normal("v", Math.abs) };
  const types = { p: float32(50), g: float32(50), m: float32(50), v: float32(50) };
  const options = { ...rates, ...biasCorrections(3) };
  const program = await compile(types, ({ p, g, m, v }) => {
    const { gradients } = clipGlobalNorm([g], maxNorm);
    const before = adamw(p, gradients[0], { m, v }, options);
    const inside = adamw(p, g, { m, v }, { ...options, scale: clipFactor(globalNorm([g]), maxNorm) });
    return {
      ...before,
      ...Object.fromEntries(Object.entries(inside).map(([name, value]) => [`inside.${name}`, value])),
    };
  });
  const got = await program.run(feeds);
  for (const name of ["parameter", "m", "v"])
    expect(
      largestDifference(got[`inside.${name}` as "m"], ndArray([50], Array.from(got[name as "m"].data as Float32Array))),
      name,
    ).toBeLessThan(1e-6);
});
