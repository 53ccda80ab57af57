import { drawUnitRows, fillNormal, key, permutation } from "@sae/core";
import { describe, expect, test } from "vitest";
import { featureRecovery, recoveredFractions } from "./featureRecovery.js";
import { randomDictionaryNull } from "./randomDictionaryNull.js";
import { recoveryCurve } from "./recoveryCurve.js";

describe("featureRecovery", () => {
  test("the largest signed cosine over the decoder rows", () => {
    const directions = Float32Array.of(1, 0, 0, 1, -0.6, -0.8); // [3, 2]
    const W_dec = Float32Array.of(5, 0, 3, 4, 0, 0); // [3, 2]: along the first, cosines .6 and .8, a dead latent
    expect(featureRecovery({ W_dec, directions, dModel: 2 })).toEqual({
      bestCosine: Float32Array.of(1, 0.8, 0),
      bestLatent: Uint32Array.of(0, 1, 2),
      mean: expect.closeTo(0.6, 6),
    });
  });

  test("a row that points the other way does not recover a feature", () => {
    const directions = Float32Array.of(1, 0);
    expect(featureRecovery({ W_dec: Float32Array.of(-1, 0), directions, dModel: 2 }).bestCosine).toEqual(
      Float32Array.of(-1),
    );
  });

  test("agrees with the definition, over more latents than are looked at together", () => {
    const dModel = 7;
    const directions = drawUnitRows(key(1), 30, dModel);
    const W_dec = fillNormal(key(2), new Float32Array(150 * dModel));
    const { bestCosine, bestLatent } = featureRecovery({ W_dec, directions, dModel });
    for (let i = 0; i < 30; i++) {
      const f = directions.subarray(i * dModel, (i + 1) * dModel);
      const cosines = Array.from({ length: 150 }, (_, j) => {
        const row = W_dec.subarray(j * dModel, (j + 1) * dModel);
        return f.reduce((sum, value, d) => sum + value * row[d], 0) / Math.hypot(...row);
      });
      expect(bestCosine[i]).toBeCloseTo(Math.max(...cosines), 5);
      expect(bestLatent[i]).toBe(cosines.indexOf(Math.max(...cosines)));
    }
  });

  test("a dictionary of the true features in another order recovers all, each by its own latent", () => {
    const dModel = 20;
    const directions = drawUnitRows(key(3), 100, dModel);
    const order = permutation(key(4), 100);
    const W_dec = new Float32Array(directions.length);
    for (const [latent, feature] of order.entries()) {
      W_dec.set(directions.subarray(feature * dModel, (feature + 1) * dModel), latent * dModel);
    }
    const { bestLatent, mean } = featureRecovery({ W_dec, directions, dModel });
    expect(Array.from(bestLatent, (latent) => order[latent])).toEqual([...order.keys()]);
    expect(mean).toBeCloseTo(1, 6);
  });

  test("errors", () => {
    const directions = Float32Array.of(1, 0);
    expect(() => featureRecovery({ W_dec: new Float32Array(3), directions, dModel: 2 })).toThrow(
      "featureRecovery: needed W_dec to have rows of 2 values, got 3 values",
    );
    expect(() => featureRecovery({ W_dec: new Float32Array(0), directions, dModel: 2 })).toThrow(
      "featureRecovery: needed at least one latent, got none",
    );
    expect(() => featureRecovery({ W_dec: Float32Array.of(1, 0, Number.NaN, 1), directions, dModel: 2 })).toThrow(
      "featureRecovery: needed finite decoder rows, got NaN or infinity in row 1",
    );
  });
});

describe("recoveredFractions", () => {
  test("strictly above the threshold", () => {
    const bestCosine = Float32Array.of(0.75, 0.5, 0.76, 1);
    expect(recoveredFractions(bestCosine, [0.75, 0.9])).toEqual([
      { threshold: 0.75, count: 2, fraction: 0.5, low: expect.closeTo(0.15, 3), high: expect.closeTo(0.85, 3) },
      { threshold: 0.9, count: 1, fraction: 0.25, low: expect.closeTo(0.0456, 3), high: expect.closeTo(0.6994, 3) },
    ]);
  });

  test("3 of 3200, none, and all, with what is known of the fraction", () => {
    const of = (count: number, features: number) =>
      recoveredFractions(new Float32Array(features).fill(1, 0, count), [0.8])[0];
    expect(of(3, 3200)).toMatchObject({ low: expect.closeTo(0.000319, 6), high: expect.closeTo(0.002753, 6) });
    expect(of(0, 10)).toMatchObject({ low: 0, high: expect.closeTo(0.2775, 4) });
    expect(of(10, 10)).toMatchObject({ low: expect.closeTo(0.7225, 4), high: 1 });
  });

  test("without features nothing is known", () => {
    expect(recoveredFractions(new Float32Array(0), [0.8])).toEqual([
      { threshold: 0.8, count: 0, fraction: 0, low: 0, high: 1 },
    ]);
  });

  test("of the paper's thresholds by default", () => {
    expect(recoveredFractions(Float32Array.of(0.85)).map(({ threshold, count }) => [threshold, count])).toEqual([
      [0.8, 1],
      [0.9, 0],
    ]);
  });
});

describe("recoveryCurve", () => {
  test("features by the logarithm of their probability", () => {
    const curve = recoveryCurve({
      probabilities: Float64Array.of(0.5, 0.002, 0.01, 0.05, 0.003),
      bestCosine: Float32Array.of(1, 0.25, 0.5, 1, 0.75),
      binsPerDecade: 1,
      thresholds: [0.5],
    });
    expect(
      curve.map(({ low, high, count, meanCosine, recovered }) => [low, high, count, meanCosine, recovered[0].count]),
    ).toEqual([
      [0.001, 0.01, 2, 0.5, 1],
      [0.01, 0.1, 2, 0.75, 1],
      [0.1, 1, 1, 1, 1],
    ]);
    expect(curve[2].recovered[0]).toMatchObject({ fraction: 1, high: 1 });
  });

  test("features of one probability are one bin; no features, none", () => {
    const curve = recoveryCurve({ probabilities: new Float64Array(9).fill(0.00625), bestCosine: new Float32Array(9) });
    expect(curve).toMatchObject([{ count: 9, recovered: [{ threshold: 0.8 }, { threshold: 0.9 }] }]);
    expect(curve[0].low).toBeLessThanOrEqual(0.00625);
    expect(curve[0].high).toBeGreaterThan(0.00625);
    expect(recoveryCurve({ probabilities: new Float64Array(0), bestCosine: new Float32Array(0) })).toEqual([]);
  });

  test("errors", () => {
    const bestCosine = Float32Array.of(1);
    expect(() => recoveryCurve({ probabilities: Float64Array.of(0), bestCosine })).toThrow(
      "recoveryCurve: needed probabilities above 0, got 0",
    );
    expect(() => recoveryCurve({ probabilities: new Float64Array(2), bestCosine })).toThrow(
      "recoveryCurve: needed one cosine for each of 2 probabilities, got 1",
    );
  });
});

describe("randomDictionaryNull", () => {
  test("one random row in the plane: the cosine of a random angle, above 0.8 one time in five", () => {
    const directions = drawUnitRows(key(1), 400, 2);
    const nothing = randomDictionaryNull({ dModel: 2, dSae: 1, directions, seed: 1, draws: 50, thresholds: [0.8] });
    expect(nothing.draws).toBe(50);
    expect(nothing.meanCosine.mean).toBeCloseTo(0, 1);
    // the angle is within ±acos(0.8) of the row: 2 acos(0.8) / 2π = 0.205
    expect(nothing.recovered[0].threshold).toBe(0.8);
    expect(Math.abs(nothing.recovered[0].fraction.mean - 0.205)).toBeLessThan(0.03);
    expect(nothing.featureCosine.low).toBeLessThan(-0.95);
    expect(nothing.featureCosine.high).toBeGreaterThan(0.95);
  });

  test("of one draw the interval is a point; the seed decides the draws", () => {
    const directions = drawUnitRows(key(1), 10, 5);
    const draw = (seed: number) => randomDictionaryNull({ dModel: 5, dSae: 20, directions, seed, draws: 1 }).meanCosine;
    expect(draw(1)).toEqual({ mean: draw(1).mean, low: draw(1).mean, high: draw(1).mean });
    expect(draw(2)).not.toEqual(draw(1));
  });

  test("in 100 dimensions random directions recover nothing", () => {
    const directions = drawUnitRows(key(1), 200, 100);
    const { recovered, meanCosine } = randomDictionaryNull({ dModel: 100, dSae: 400, directions, seed: 1, draws: 5 });
    expect(recovered.map(({ fraction }) => fraction)).toEqual([
      { mean: 0, low: 0, high: 0 },
      { mean: 0, low: 0, high: 0 },
    ]);
    expect(meanCosine.mean).toBeGreaterThan(0.25);
    expect(meanCosine.mean).toBeLessThan(0.35);
  });

  test("errors", () => {
    const directions = Float32Array.of(1, 0);
    expect(() => randomDictionaryNull({ dModel: 2, dSae: 1, directions, seed: 1, draws: 0 })).toThrow(
      "randomDictionaryNull: needed draws to be a positive whole number, got 0",
    );
  });
});
