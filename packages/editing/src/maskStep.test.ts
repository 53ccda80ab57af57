import { fillNormal, float32, fold, key, type Value } from "@sae/core";
import { buildModelGraph, finalHook, type LanguageModel, tokenBatch } from "@sae/models";
import { expect, test } from "vitest";
import { evaluateModelGraph, randomTexts, smallModels } from "../../models/src/models.testkit.js";
import { type Featurizer, rotatedBasis } from "./featurizer.js";
import { buildMaskLoss, firstLearned, stepInputs } from "./maskStep.js";
import { plantedFeaturizer } from "./plantedFeaturizer.testkit.js";

const hook = "blocks.0.hook_resid_post";

const noise = (name: string, size: number): Float32Array => fillNormal(fold(key("step"), name), new Float32Array(size));
const rows = (name: string, ...shape: number[]): Value => ({
  data: noise(
    name,
    shape.reduce((a, b) => a * b),
  ),
  shape,
});
const column = (values: readonly number[]): Value => ({
  data: BigInt64Array.from(values, BigInt),
  shape: [values.length, 1],
});

/** Loss and gradients of a batch of three texts, with every learned array moved off where it starts. */
async function lossAt(
  model: LanguageModel,
  featurizer: Featurizer,
  keepError: boolean,
  change: { readonly name: string; readonly at: number; readonly by: number } | null,
) {
  const { dModel, dLatent, weights } = featurizer;
  const { tokens, lengths } = tokenBatch(randomTexts([5, 3, 4], model.sizes.dVocab), model.sizes);
  const types = stepInputs(featurizer);
  const graph = buildModelGraph(model, { ...types, x: float32("batch", "seq", dModel) }, ({ inputs, forward }) => {
    const all = inputs as Record<string, (typeof inputs)["x"]>;
    const suffix = (x: typeof inputs.x, hooks: object) => forward({ ...hooks, [hook]: () => x });
    const { loss, gradients } = buildMaskLoss(featurizer, keepError, { x: inputs.x, inputs: all, suffix });
    return { loss, ...gradients };
  });
  const learned = Object.entries(firstLearned(featurizer)).map(([name, data]) => {
    const moved = Float64Array.from(data, (value, i) => value + 0.3 * (noise(name, data.length)[i] as number));
    if (change !== null && name === `learned ${change.name}`)
      moved[change.at] = (moved[change.at] as number) + change.by;
    return [name, { data: moved as unknown as Float32Array, shape: types[name]?.shape as number[] }] as const;
  });
  const feeds: Record<string, Value> = {
    tokens,
    x: rows("x", 3, 5, dModel),
    position: column([2, 0, 2]),
    last: column(lengths.map((length) => length - 1)),
    target: column([1, 2, 3]),
    fBase: rows("base", 3, dLatent),
    fSource: rows("source", 3, dLatent),
    xSource: rows("xSource", 3, dModel),
    temperature: { data: Float32Array.of(0.7), shape: [] },
    ...Object.fromEntries(learned),
    ...Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]): [string, Value] => [`weight ${name}`, { shape, data }]),
    ),
  };
  const zero: Value = { data: new Float32Array(1), shape: [] };
  const given = Object.fromEntries(["tokens", ...Object.keys(graph.inputs)].map((name) => [name, feeds[name] ?? zero]));
  return evaluateModelGraph(model, graph, given as never) as Promise<Record<string, { data: Float64Array }>>;
}

const families = ["llama", "gpt2"];
const cases = smallModels
  .filter(([family]) => families.includes(family))
  .flatMap(([family, model]) => {
    const { dModel } = model.sizes;
    return [
      { family, model, keepError: false, featurizer: plantedFeaturizer(dModel, 7), learned: { "mask logits": 7 } },
      { family, model, keepError: true, featurizer: plantedFeaturizer(dModel, 7), learned: { "mask logits": 7 } },
      {
        family,
        model,
        keepError: false,
        featurizer: rotatedBasis(dModel),
        learned: { "mask logits": dModel, rotation: dModel ** 2 },
      },
    ];
  });

test.each(cases)(
  "$family, $featurizer.name, error kept: $keepError: the gradient is that of central differences",
  async ({ model, featurizer, keepError, learned }) => {
    const gradients = await lossAt(model, featurizer, keepError, null);
    for (const [name, size] of Object.entries(learned)) {
      for (const at of [3, size - 1]) {
        const [up, down] = [
          await lossAt(model, featurizer, keepError, { name, at, by: 1e-4 }),
          await lossAt(model, featurizer, keepError, { name, at, by: -1e-4 }),
        ];
        const slope = ((up.loss?.data[0] as number) - (down.loss?.data[0] as number)) / 2e-4;
        expect(gradients[name]?.data[at]).toBeCloseTo(slope, 6);
        expect(Math.abs(slope)).toBeGreaterThan(1e-7);
      }
    }
  },
);

test("there is one logit row for each text, whatever its length", () => {
  const [, model] = smallModels[0] as (typeof smallModels)[number];
  const featurizer = plantedFeaturizer(model.sizes.dModel, 3);
  let shape: unknown;
  buildModelGraph(
    model,
    { ...stepInputs(featurizer), x: float32("batch", "seq", model.sizes.dModel) },
    ({ inputs, forward }) => {
      const suffix = (x: typeof inputs.x, hooks: Record<string, (y: typeof inputs.x) => typeof inputs.x>) => {
        const logits = forward({ ...hooks, [hook]: () => x });
        shape = logits.shape;
        expect(Object.keys(hooks)).toEqual([finalHook]);
        return logits;
      };
      return { loss: buildMaskLoss(featurizer, false, { x: inputs.x, inputs: inputs as never, suffix }).loss };
    },
  );
  expect(shape).toEqual(["batch", 1, model.sizes.dVocab]);
});
