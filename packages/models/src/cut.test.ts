import { add, crossEntropy, float32, grad, mul, type Value } from "@sae/core";
import { describe, expect, it } from "vitest";
import { buildModelGraph, compileModel } from "./compileModel.js";
import { cut } from "./cut.js";
import { loadedModel } from "./loadedModel.js";
import {
  evaluateModelGraph,
  memorySource,
  randomModel,
  randomTexts,
  randomWeights,
  relativeDifference,
  smallConfigs,
  smallModels,
} from "./models.testkit.js";
import { runModel } from "./runModel.js";
import { tokenBatch } from "./tokenBatch.js";

const hooksOf = (model: (typeof smallModels)[number][1]): readonly string[] => model.family.hookNames(model.config);

describe.each(smallModels)("a %s cut", (_family, model) => {
  it.each(hooksOf(model))("at %s is the whole model", async (hook) => {
    const texts = randomTexts([5, 5, 5], model.sizes.dVocab);
    const { tokens } = tokenBatch(texts, model.sizes);
    const whole = await runModel(model, texts, { hooks: [hook] });
    const parts = cut(model, hook, { threads: 1 });
    const { x } = await (await parts.prefix()).run({ tokens });
    expect(x).toEqual(whole.at[hook]);
    const { logits } = await (await parts.suffix()).run({ tokens, x });
    expect(relativeDifference(logits, whole.logits)).toBeLessThan(1e-5);
    await parts.dispose();
  });

  it("has the gradient that central differences have", async () => {
    const texts = randomTexts([4], model.sizes.dVocab);
    const { tokens } = tokenBatch(texts, model.sizes);
    const targets = { data: BigInt64Array.of(3n, 1n, 4n, 0n), shape: [1, 4] };
    const keep = { data: Uint8Array.of(0, 1, 1, 0), shape: [1, 4] };
    for (const hook of ["blocks.0.hook_resid_post", "blocks.1.hook_attn_out", "blocks.1.hook_mlp_out"]) {
      const parts = cut(model, hook, { threads: 1 });
      const { x } = await (await parts.prefix()).run({ tokens });
      const { loss, dx } = await (await parts.gradient()).run({ tokens, x, targets, keep });
      // The same loss in double precision.
      const types = { x: float32("batch", "seq", model.sizes.dModel) };
      const lossAt = async (value: Value) => {
        const graph = buildModelGraph(model, types, ({ inputs, forward }) => ({
          logits: forward({ [hook]: () => inputs.x }),
        }));
        const { logits } = await evaluateModelGraph(model, graph, { tokens, x: value });
        return meanLoss(logits.data, model.sizes.dVocab, [
          [1, 1],
          [2, 4],
        ]);
      };
      expect(Math.abs(Number(loss.data[0]) - (await lossAt(x)))).toBeLessThan(1e-5);
      const step = 1e-2;
      for (const i of [0, 13, 2 * model.sizes.dModel + 5, 3 * model.sizes.dModel]) {
        const moved = (by: number) => {
          const data = Float32Array.from(x.data as Float32Array);
          data[i] += by;
          return { data, shape: x.shape };
        };
        const [up, down] = [moved(step), moved(-step)];
        const slope = ((await lossAt(up)) - (await lossAt(down))) / (up.data[i] - down.data[i]);
        expect(Math.abs(Number(dx.data[i]) - slope), `${hook} ${i}`).toBeLessThan(
          1e-2 * Math.max(Math.abs(slope), 1e-3),
        );
      }
      await parts.dispose();
    }
  });
});

/** Mean of −log softmax(logits)[target] over (position, target) pairs. */
function meanLoss(logits: Float64Array, dVocab: number, wanted: readonly (readonly [number, number])[]): number {
  const losses = wanted.map(([position, target]) => {
    const row = logits.subarray(position * dVocab, (position + 1) * dVocab);
    return Math.log(row.reduce((total, value) => total + Math.exp(value), 0)) - row[target];
  });
  return losses.reduce((a, b) => a + b) / losses.length;
}

describe("what a cut is good for", () => {
  const model = randomModel(smallConfigs.llama);
  const texts = randomTexts([6, 6], model.sizes.dVocab);
  const { tokens } = tokenBatch(texts, model.sizes);
  const hook = "blocks.0.hook_resid_post";

  it("a prefix reads no weight behind the hook, a suffix none before it", async () => {
    const parts = cut(model, hook);
    const [prefix, suffix] = [(await parts.prefix()).weights, (await parts.suffix()).weights];
    expect(prefix).toContain("model.embed_tokens.weight");
    expect(prefix.filter((name) => !/embed_tokens|layers\.0\./.test(name))).toEqual([]);
    expect(suffix.filter((name) => !/layers\.1\.|norm|lm_head/.test(name))).toEqual([]);
    expect(new Set([...prefix, ...suffix])).toEqual(new Set(Object.keys(model.family.weights(model.config))));
    expect(await parts.suffix()).toBe(await parts.suffix());
    await parts.dispose();
  });

  it("what could not be compiled is tried again, and the rest can be disposed of before", async () => {
    const source = memorySource(smallConfigs.llama, randomWeights(smallConfigs.llama));
    let broken = true;
    const flaky = {
      ...source,
      read: async (name: string) => {
        if (broken && name === "lm_head.weight") throw new Error("disk");
        return source.read(name);
      },
    };
    const parts = cut(loadedModel({ name: "m", source: flaky, tokenizer: null, identity: {} }), hook);
    const prefix = await parts.prefix();
    await expect(parts.suffix()).rejects.toThrow("disk");
    await parts.dispose();
    await expect(prefix.run({ tokens })).rejects.toThrow(); // its session is gone
    broken = false;
    expect((await parts.suffix()).weights).toContain("lm_head.weight");
    await parts.dispose();
  });

  it("an edit between the parts is an edit of the whole", async () => {
    const parts = cut(model, hook);
    const { x } = await (await parts.prefix()).run({ tokens });
    const zeroed = await parts.compile({ scale: float32() }, ({ x, inputs, suffix }) => ({
      logits: suffix(mul(x, inputs.scale)),
    }));
    const { logits } = await zeroed.run({ tokens, x, scale: Float32Array.of(0.5) });
    const whole = await runModel(model, texts, { edits: { [hook]: (y) => mul(y, 0.5) } });
    expect(relativeDifference(logits, whole.logits)).toBeLessThan(1e-5);
    await zeroed.dispose();
    await parts.dispose();
  });

  it("clean and edited in one program, later hooks included", async () => {
    const later = "blocks.1.hook_mlp_out";
    const both = await cut(model, hook).compile({ v: float32(model.sizes.dModel) }, ({ x, inputs, suffix }) => ({
      clean: suffix(x),
      edited: suffix(add(x, inputs.v), { [later]: (y) => mul(y, 0) }),
    }));
    const { x } = await (await cut(model, hook).prefix()).run({ tokens });
    const v = new Float32Array(model.sizes.dModel).fill(0.7);
    const { clean, edited } = await both.run({ tokens, x, v });
    const [plain, changed] = [
      await runModel(model, texts),
      await runModel(model, texts, { edits: { [hook]: (y) => add(y, 0.7), [later]: (y) => mul(y, 0) } }),
    ];
    expect(relativeDifference(clean, plain.logits)).toBeLessThan(1e-5);
    expect(relativeDifference(edited, changed.logits)).toBeLessThan(1e-5);
    await both.dispose();
  });

  it("inputs cannot have the names of those that are there", async () => {
    const build = () => ({});
    await expect(compileModel(model, { tokens: float32() }, build)).rejects.toThrow(/'tokens' is an input already/);
    await expect(cut(model, hook).compile({ x: float32() }, build)).rejects.toThrow(/'x' is an input already/);
  });

  it("names that are no hooks are errors at once", () => {
    expect(() => cut(model, "blocks.0.resid_post")).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: hook: needed one of the 12 hooks of random (llama), got 'blocks.0.resid_post'; close to it are blocks.0.hook_resid_post, blocks.1.hook_resid_post, blocks.0.hook_resid_pre]`,
    );
  });
});

it("a loss can be differentiated with respect to what a program adds to the stream", async () => {
  const model = randomModel(smallConfigs.gpt2);
  const { tokens } = tokenBatch(randomTexts([5], model.sizes.dVocab), model.sizes);
  const hook = "blocks.0.hook_resid_post";
  const program = await compileModel(model, { v: float32(model.sizes.dModel) }, ({ tokens, inputs, forward }) => {
    const loss = crossEntropy(forward({ [hook]: (x) => add(x, inputs.v) }), tokens);
    const [dv] = grad(loss, [inputs.v]);
    return { loss, dv };
  });
  const at = async (v: Float32Array) => program.run({ tokens, v });
  const start = new Float32Array(model.sizes.dModel);
  const { loss, dv } = await at(start);
  const downhill = await at(start.map((_, i) => -0.05 * Number(dv.data[i])));
  expect(Number(downhill.loss.data[0])).toBeLessThan(Number(loss.data[0]));
  await program.dispose();
});
