import { fillNormal, fold, key } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { activationMoments, drawRows, meanRow, rmsNorm, startingWeights, transposed } from "./initialWeights.js";
import { arrayActivations, fileSource } from "./source.js";

const rowsOf = (data: Float32Array, n: number) =>
  Array.from({ length: data.length / n }, (_, r) => data.subarray(r * n, (r + 1) * n));

describe("the random draw", () => {
  it("has unit rows that depend on seed and sizes, and on nothing else", () => {
    const sizes = { dModel: 7, dSae: 50 };
    const rows = drawRows(3, sizes);
    for (const row of rowsOf(rows, 7)) expect(Math.hypot(...row)).toBeCloseTo(1, 6);
    expect(drawRows(3, sizes)).toEqual(rows);
    expect(drawRows(4, sizes)).not.toEqual(rows);
    expect(drawRows(3, { dModel: 7, dSae: 51 }).subarray(0, 7)).not.toEqual(rows.subarray(0, 7));
  });

  it("iso: no direction is preferred", () => {
    const rows = rowsOf(drawRows(0, { dModel: 3, dSae: 20_000 }), 3);
    for (const d of [0, 1, 2]) {
      expect(rows.reduce((total, row) => total + row[d], 0) / rows.length).toBeCloseTo(0, 1);
      expect(rows.reduce((total, row) => total + row[d] ** 2, 0) / rows.length).toBeCloseTo(1 / 3, 1);
    }
  });

  it("cov: the Cholesky factor of the covariance, worked by hand, applied to the same numbers", () => {
    // Σ = L Lᵀ with L = [[2, 0], [1, 3]]
    const sizes = { dModel: 2, dSae: 30 };
    const cov = rowsOf(drawRows(5, sizes, Float64Array.of(4, 2, 2, 10)), 2);
    const iso = rowsOf(drawRows(5, sizes), 2);
    for (const [i, row] of cov.entries()) {
      const [a, b] = [2 * iso[i][0], iso[i][0] + 3 * iso[i][1]];
      expect(row[0]).toBeCloseTo(a / Math.hypot(a, b), 5);
      expect(row[1]).toBeCloseTo(b / Math.hypot(a, b), 5);
    }
  });

  it.each([
    [1, 1],
    [1, 9],
    [5, 1],
    [16, 40],
  ])("dModel %i, dSae %i: the bits of the same draw with all numbers held in double precision", (dModel, dSae) => {
    const sizes = { dModel, dSae };
    // Σ = L Lᵀ of whole numbers, so that its Cholesky factor is L to the bit.
    const lower = Array.from({ length: dModel }, (_, i) =>
      Array.from({ length: dModel }, (_, j) => (j > i ? 0 : j === i ? 2 : ((i * 7 + j * 3) % 5) - 2)),
    );
    const covariance = Float64Array.from(
      lower.flatMap((a) => lower.map((b) => a.reduce((s, v, k) => s + v * b[k], 0))),
    );
    const normal = fillNormal(fold(key(6), "init", dModel, dSae), new Float64Array(dSae * dModel));
    const unit = (shape: (z: Float64Array) => number[]) =>
      Float32Array.from(
        Array.from({ length: dSae }, (_, r) => {
          const row = shape(normal.subarray(r * dModel, (r + 1) * dModel));
          const scale = 1 / Math.sqrt(row.reduce((total, value) => total + value * value, 0));
          return row.map((value) => value * scale);
        }).flat(),
      );
    expect(drawRows(6, sizes)).toEqual(unit((z) => [...z]));
    expect(drawRows(6, sizes, covariance)).toEqual(
      unit((z) => lower.map((row) => row.reduce((total, value, k) => total + value * z[k], 0))),
    );
  });

  it("cov: a direction without variance is never drawn", () => {
    for (const row of rowsOf(drawRows(0, { dModel: 3, dSae: 100 }, Float64Array.of(1, 0, 1, 0, 0, 0, 1, 0, 1)), 3)) {
      expect(row[1]).toBe(0);
      expect(row[0]).toBeCloseTo(row[2], 6);
    }
  });

  it("the encoder is the decoder's transpose", () => {
    const rows = Float32Array.of(1, 2, 3, 4, 5, 6);
    const { W_enc, W_dec, b_enc, b_dec } = startingWeights(rows, { dModel: 3, dSae: 2 }, Float32Array.of(7, 8, 9));
    expect(W_dec).toBe(rows);
    expect(Array.from(W_enc)).toEqual([1, 4, 2, 5, 3, 6]);
    expect(Array.from(b_enc)).toEqual([0, 0]);
    expect(Array.from(b_dec)).toEqual([7, 8, 9]);
  });

  it("transposing twice changes nothing", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 6 }), (r, c) => {
        const data = Float32Array.from({ length: r * c }, (_, i) => i);
        expect(transposed(transposed(data, r, c), c, r)).toEqual(data);
      }),
    );
  });
});

describe("what is measured on the data", () => {
  it("√(mean ‖x‖²) over the first batches", async () => {
    const source = await fileSource(arrayActivations(Float32Array.of(3, 4, 0, 0, 3, 4, 0, 0), 2), {
      order: "sequential",
    });
    expect(await rmsNorm(source, 2, 2)).toBeCloseTo(Math.sqrt(12.5), 12);
  });

  it("the mean row", () => {
    expect(Array.from(meanRow(Float32Array.of(1, 10, 3, 30), 2))).toEqual([2, 20]);
  });

  it("mean and covariance, divided by the scale, also under a large mean", async () => {
    const noise = fillNormal(key(2), new Float32Array(2 * 5000));
    // Covariance [[4, 2], [2, 2]], mean 1000
    const x = noise.map((value, i) => 1000 + (i % 2 === 0 ? 2 * value : noise[i - 1] + value));
    const source = await fileSource(arrayActivations(x, 2), { order: "sequential" });
    const { mean, covariance, rows } = await activationMoments(source, 100, 10, 5000);
    expect(rows).toBe(5000);
    for (const value of mean) expect(value).toBeCloseTo(100, 1);
    for (const [i, value] of [0.04, 0.02, 0.02, 0.02].entries())
      expect(Math.abs(covariance[i] - value)).toBeLessThan(0.003);
    let exact = 0;
    for (let r = 0; r < 5000; r++) exact += ((x[2 * r] / 10 - mean[0]) * (x[2 * r + 1] / 10 - mean[1])) / 5000;
    expect(covariance[1]).toBeCloseTo(exact, 6);
    expect(covariance[2]).toBe(covariance[1]);
  });
});
