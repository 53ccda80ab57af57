import { describe, expect, test } from "vitest";
import { capBound, formatPowerOfTen } from "./capBound.js";
import { decoderDrift } from "./decoderDrift.js";
import { histogram } from "./histogram.js";
import { logCapProbability, nullBestCosine } from "./nullCosine.js";

test("cosine of each decoder row with its own initial row", () => {
  const initial = Float32Array.of(1, 0, 0, 1, 1, 0, 0, 1, 1, 0); // [5, 2]
  const W_dec = Float32Array.of(1, 0, 0, 2, 0.6, 0.8, -1, 0, -1, 0);
  const drift = decoderDrift(W_dec, initial, 2, 0.5);
  expect([...drift.cosines]).toEqual([1, 1, expect.closeTo(0.6, 6), 0, -1]);
  expect(drift).toMatchObject({ mean: expect.closeTo(0.32, 6), fractionAtLeastTau: 0.6, tau: 0.5 });
  expect(drift.quantiles.q05).toBeCloseTo(-0.8, 12);
  expect(drift.quantiles.q50).toBeCloseTo(0.6, 6);
});

test("a decoder that did not move has cosine exactly 1", () => {
  const W_dec = Float32Array.of(0.1, 0.2, 0.3, 1e-30, 0, 0); // [2, 3]; even where squares underflow in single precision
  expect(decoderDrift(W_dec, W_dec, 3).cosines).toEqual(Float64Array.of(1, 1));
});

describe("histogram", () => {
  test("bins are closed below, the last one above too", () => {
    expect(histogram([-1, -0.5, 0, 0.5, 1], { bins: 4 })).toEqual({
      edges: [-1, -0.5, 0, 0.5, 1],
      counts: [1, 1, 1, 2],
      outside: 0,
    });
  });

  test("every edge falls into the bin it opens, although 0.02 is no binary number", () => {
    const { edges } = histogram([], { bins: 100 });
    for (let bin = 0; bin < 100; bin++) {
      expect(histogram([edges[bin]]).counts.indexOf(1)).toBe(bin);
    }
  });

  test("values outside are counted, not dropped", () => {
    expect(histogram([-2, 2, Number.NaN, 0], { bins: 1 })).toMatchObject({ counts: [1], outside: 3 });
  });

  test("refuses an empty range", () => {
    expect(() => histogram([], { from: 1, to: 1 })).toThrow("needed a positive number of bins and from < to");
  });
});

describe("capBound", () => {
  test("the setting of the paper: Gemma-2-2B, 73,728 latents, τ = 0.8", () => {
    const oneCap = capBound({ dModel: 2304, caps: 1, tau: 0.8 });
    expect(oneCap.ln).toBeCloseTo(-737.28, 10);
    expect(formatPowerOfTen(oneCap.log10)).toBe("6.36e-321");
    // The paper prints 4.67e-316; 73,728 times its own bound for one cap is this.
    const all = capBound({ dModel: 2304, caps: 73_728, tau: 0.8 });
    expect(formatPowerOfTen(all.log10)).toBe("4.69e-316");
    // A subnormal number, or 0 in a process that has switched them off.
    expect(all.value).toBeLessThan(2 ** -1022);
  });

  test("the setting of the synthetic data: 3200 directions in 100 dimensions", () => {
    const { value, log10 } = capBound({ dModel: 100, caps: 3200, tau: 0.8 });
    expect(value).toBeCloseTo(3200 * Math.exp(-32), 20);
    expect(formatPowerOfTen(log10)).toBe("4.05e-11");
  });

  test("keeps its logarithm where the number itself is 0", () => {
    const bound = capBound({ dModel: 4096, caps: 131_072, tau: 0.8 });
    expect(bound.value).toBe(0);
    expect(formatPowerOfTen(bound.log10)).toBe("7.57e-565");
  });

  test("refuses what is no cosine", () => {
    expect(() => capBound({ dModel: 2, caps: 1, tau: 1.2 })).toThrow("tau in [0, 1], got 2, 1 and 1.2");
  });
});

test("formatPowerOfTen rounds up into the next power", () => {
  expect(formatPowerOfTen(Math.log10(0.09999))).toBe("1.00e-1");
  expect(formatPowerOfTen(0)).toBe("1.00e0");
});

describe("chance", () => {
  test("the share of a cap is known exactly on the circle and on the sphere", () => {
    for (const tau of [-0.9, -0.3, 0, 0.3, 0.9]) {
      expect(Math.exp(logCapProbability(2, tau))).toBeCloseTo(Math.acos(tau) / Math.PI, 12);
      expect(Math.exp(logCapProbability(3, tau))).toBeCloseTo((1 - tau) / 2, 12); // Archimedes
    }
  });

  test("the bound holds, far below the smallest double too", () => {
    for (const dModel of [100, 2304, 16_384]) {
      const exact = logCapProbability(dModel, 0.8);
      expect(exact).toBeLessThan(capBound({ dModel, caps: 1, tau: 0.8 }).ln);
      expect(Number.isFinite(exact)).toBe(true);
    }
  });

  test("the best of many random directions", () => {
    // One candidate on the sphere: the cosine is uniform on [−1, 1].
    expect(nullBestCosine({ dModel: 3, candidates: 1, q: 0.75 })).toBeCloseTo(0.5, 12);
    // Two: P(best < c) = ((1 + c) / 2)².
    expect(nullBestCosine({ dModel: 3, candidates: 2, q: 0.25 })).toBeCloseTo(0, 12);
    const median = nullBestCosine({ dModel: 100, candidates: 3200, q: 0.5 });
    expect(median).toBeCloseTo(0.348, 2);
    expect(nullBestCosine({ dModel: 100, candidates: 3200, q: 0.975 })).toBeGreaterThan(median);
  });
});
