import { expect, test } from "vitest";
import {
  constantProbability,
  featureRecovery,
  HELD_OUT,
  randomDictionaryNull,
  recoveredFractions,
  recoveryCurve,
  syntheticModel,
  variableProbability,
} from "./index.js";

test("a tour of the package", () => {
  // 1. A source of activations whose true features are known: 8 features in 6 dimensions, each active half of the time.
  const model = syntheticModel({ seed: 1, dModel: 6, features: 8, probability: { kind: "constant", p: 0.5 } });
  expect(model.directions.length).toBe(8 * 6);
  expect(model.expectedL0).toBe(4);

  // 2. Batches by number: any one can be made at any time. Those from HELD_OUT on are for evaluation.
  expect(model.batch(3, 32)).toEqual(model.batch(3, 32));
  expect(model.batch(HELD_OUT, 32).length).toBe(32 * 6);

  // 3. A sample is the sum of its active features.
  const { x, codes } = model.batchWithCodes(0, 1);
  const sum = new Float64Array(6);
  for (const [j, feature] of codes.columns.entries()) {
    for (let d = 0; d < 6; d++) sum[d] += codes.values[j] * model.directions[feature * 6 + d];
  }
  for (let d = 0; d < 6; d++) expect(x[d]).toBeCloseTo(sum[d], 5);

  // 4. A dictionary that knows the first four features recovers these.
  const W_dec = model.directions.slice(0, 4 * 6);
  const { bestCosine, bestLatent } = featureRecovery({ W_dec, directions: model.directions, dModel: 6 });
  expect([...bestLatent.subarray(0, 4)]).toEqual([0, 1, 2, 3]);
  expect(recoveredFractions(bestCosine, [0.99])[0]).toMatchObject({ count: 4, fraction: 0.5 });

  // 5. One that knows nothing recovers something too: in 6 dimensions, four random rows have a mean best cosine of .4.
  const floor = randomDictionaryNull({ dModel: 6, dSae: 4, directions: model.directions, seed: 2, draws: 200 });
  expect(floor.meanCosine.mean).toBeCloseTo(0.4, 1);

  // 6. Who is recovered, by how often they are active.
  const [bin] = recoveryCurve({ probabilities: model.probabilities, bestCosine });
  expect(bin).toMatchObject({ count: 8, meanCosine: expect.closeTo(0.7, 0) });

  // 7. The settings of the paper are presets.
  expect([constantProbability.probability.p, variableProbability.probability.logMax]).toEqual([0.00625, -1.2]);
});
