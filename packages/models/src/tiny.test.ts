/*
 * A tour of language models as functions: load, look inside, change something, cut, differentiate, write on.
 */
import { add, crossEntropy, float32, grad, mul } from "@sae/core";
import { expect, test } from "vitest";
import { compileModel } from "./compileModel.js";
import { cut } from "./cut.js";
import { generate } from "./generation/generate.js";
import { loadedModel } from "./loadedModel.js";
import { memorySource, randomWeights } from "./models.testkit.js";
import { compileForward, runModel } from "./runModel.js";
import { tokenBatch } from "./tokenBatch.js";

const config = {
  model_type: "llama",
  hidden_size: 8,
  intermediate_size: 16,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  vocab_size: 11,
};
const model = loadedModel({
  name: "tiny",
  source: memorySource(config, randomWeights(config)), // a folder or a file, where there is one
  tokenizer: null,
  identity: { seed: "random model" },
});
const hook = "blocks.0.hook_resid_post";

test("the stream at a hook and the logits, for texts of any length", async () => {
  const { at, logits, lengths } = await runModel(model, [[1, 5, 2], [7]], { hooks: [hook] });
  expect([at[hook].shape, logits.shape, lengths]).toEqual([
    [2, 3, 8],
    [2, 3, 11],
    [3, 1],
  ]);
});

test("a program has the weights that it needs and no others", async () => {
  const program = await compileForward(model, { hooks: [hook], logits: false });
  expect(program.weights.some((name) => name.startsWith("model.layers.1."))).toBe(false);
  await program.dispose();
});

test("a hook reads, replaces or edits", async () => {
  const silent = { "blocks.1.hook_attn_out": (x: Parameters<typeof mul>[0]) => mul(x, 0) };
  const [plain, edited] = [await runModel(model, [[1, 5, 2]]), await runModel(model, [[1, 5, 2]], { edits: silent })];
  expect(edited.logits).not.toEqual(plain.logits);
});

test("a model cut in two is the same model", async () => {
  const parts = cut(model, hook);
  const { tokens } = tokenBatch([[1, 5, 2]], model.sizes);
  const { x } = await (await parts.prefix()).run({ tokens });
  const { logits } = await (await parts.suffix()).run({ tokens, x });
  const whole = await runModel(model, [[1, 5, 2]]);
  expect(logits.data[32]).toBeCloseTo(Number(whole.logits.data[32]), 5);
  await parts.dispose();
});

test("anything in between can be learned", async () => {
  // A vector that is added to the stream, and the gradient of the model's loss with respect to it.
  const program = await compileModel(model, { v: float32(8) }, ({ tokens, inputs, forward }) => {
    const loss = crossEntropy(forward({ [hook]: (x) => add(x, inputs.v) }), tokens);
    return { loss, dv: grad(loss, [inputs.v])[0] };
  });
  const { tokens } = tokenBatch([[1, 5, 2]], model.sizes);
  const first = await program.run({ tokens, v: new Float32Array(8) });
  const v = Float32Array.from(first.dv.data as Float32Array, (slope) => -0.05 * slope);
  const second = await program.run({ tokens, v });
  expect(Number(second.loss.data[0])).toBeLessThan(Number(first.loss.data[0]));
  await program.dispose();
});

test("the model writes on", async () => {
  expect(await generate(model, [1, 5, 2], { maxNewTokens: 4 })).toHaveLength(4);
});
