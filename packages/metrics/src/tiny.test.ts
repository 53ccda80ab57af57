import { expect, test } from "vitest";
import {
  bestCosines,
  capBound,
  countFirings,
  deadFraction,
  decoderDrift,
  denseFraction,
  explainedVariance,
  formatPowerOfTen,
  l0,
  meanDifference,
  meanInterval,
  meanMatchedCosine,
  scoreAbove,
  uniqueness,
} from "./index.js";

const f32 = (...values: number[]) => Float32Array.from(values);

test("explained variance compares the error with the spread of the inputs", () => {
  const x = f32(2, 0, 0, 4); // [2 tokens, dModel 2]; mean (1, 2), spread 5 a token
  const xHat = f32(2, 1, 0, 3); // error 1 a token
  expect(explainedVariance.of(x, xHat, 2)).toBe(0.8);
});

test("an evaluation streams over batches, and how it was cut does not matter", () => {
  const accumulator = explainedVariance.start(2);
  accumulator.add(f32(2, 0), f32(2, 1));
  accumulator.add(f32(0, 4), f32(0, 3));
  expect(accumulator.value()).toBe(0.8);
});

test("one count of firings answers every question about sparsity", () => {
  const counter = countFirings(4);
  counter.add(f32(0.5, 0, 0, 2, /**/ 0.1, 0, 0, 0)); // [2 inputs, dSae 4]
  counter.addSparse(f32(1.5), [0], 2); // two more inputs, on one of which latent 0 fired
  const firings = counter.read();
  expect(firings).toEqual({ samples: 4, counts: Float64Array.of(3, 0, 0, 1) });
  expect(l0(firings)).toBe(1);
  expect(deadFraction(firings)).toEqual({ fraction: 0.5, latents: 2, dSae: 4, samples: 4 });
  expect(denseFraction(firings, 0.5).latents).toBe(1);
});

test("directions are compared by cosine, whatever their length", () => {
  const features = f32(1, 0, 0, 1); // [2, 2]
  const decoder = f32(3, 4, 5, 0, 0, 0); // [3, 2]: cosines (.6, .8), (1, 0), and a dead row
  expect(bestCosines(features, decoder, 2).cosine).toEqual(Float64Array.of(1, 0.8));
  expect(meanMatchedCosine(features, decoder, 2)).toBeCloseTo(0.9, 6);
  expect(uniqueness(decoder, features, 2)).toBeCloseTo(2 / 3, 12);
});

test("a decoder that stayed within cosine 0.8 of its random start was hardly trained", () => {
  const drift = decoderDrift(f32(0.8, 0.6, 0, 2), f32(1, 0, 1, 0), 2, 0.79);
  expect(drift.mean).toBeCloseTo(0.4, 6);
  expect(drift.fractionAtLeastTau).toBe(0.5);
  expect(formatPowerOfTen(capBound({ dModel: 2304, caps: 73728, tau: 0.8 }).log10)).toBe("4.69e-316");
});

test("a score carries its interval, how that was made, and what chance would score", () => {
  const threeSeeds = meanInterval([0.86, 0.88, 0.9]);
  expect(threeSeeds).toMatchObject({ n: 3, method: "student t" });
  expect(threeSeeds.low).toBeCloseTo(0.88 - 4.302653 * (0.02 / Math.sqrt(3)), 6);
  const { aboveFloor, shareOfRange } = scoreAbove(threeSeeds, 0.5);
  expect([aboveFloor, shareOfRange]).toEqual([expect.closeTo(0.38, 12), expect.closeTo(0.76, 12)]);
  expect(meanDifference([0.9, 0.8], [0.7, 0.6]).mean).toBeCloseTo(0.2, 12);
});
