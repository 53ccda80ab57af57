import { describe, expect, test } from "vitest";
import { compileModel } from "./compileModel.js";
import { forwardCost } from "./forwardCost.js";
import { randomModel, randomTexts, smallConfigs } from "./models.testkit.js";
import { tokenBatch } from "./tokenBatch.js";

describe.each(Object.entries(smallConfigs))("%s", (_, config) => {
  const model = randomModel(config);
  const hook = `blocks.${model.sizes.nLayers - 1}.hook_resid_pre`;

  test.each([
    ["a hook", hook],
    ["the logits", undefined],
  ])("up to %s: what onnxruntime's profile counts", async (_, end) => {
    const texts = randomTexts([6, 6, 6], model.sizes.dVocab);
    const program = await compileModel(
      model,
      {},
      ({ read }) => {
        const { at, logits } = read(end === undefined ? [] : [end]);
        return { end: end === undefined ? logits : at[end] };
      },
      { threads: 1, profile: true },
    );
    await program.run({ tokens: tokenBatch(texts, model.sizes).tokens });
    const ran = (await program.profile()).reduce((total, { flops }) => total + flops, 0);
    await program.dispose();
    const { flopsPerToken } = forwardCost(model, { ...(end !== undefined && { hook: end }), nCtx: 6 });
    expect(ran).toBe(flopsPerToken * 18);
  });
});

test("a Llama, counted by hand", () => {
  const [dModel, dMlp, heads, kvHeads, dHead, nLayers, dVocab, nCtx] = [24, 40, 4, 2, 6, 3, 50, 16];
  const model = randomModel({
    model_type: "llama",
    hidden_size: dModel,
    intermediate_size: dMlp,
    num_hidden_layers: nLayers,
    num_attention_heads: heads,
    num_key_value_heads: kvHeads,
    vocab_size: dVocab,
    max_position_embeddings: nCtx,
  });
  const block = dModel * dHead * (2 * heads + 2 * kvHeads) + 3 * dModel * dMlp; // q, o, k, v; gate, up, down
  const attention = 4 * nCtx * heads * dHead; // scores with nCtx keys, and the mixture of as many values
  const norms = 2 * dModel;
  expect(forwardCost(model, { hook: "blocks.1.hook_resid_post", nCtx })).toEqual({
    flopsPerToken: 2 * (2 * block + attention),
    weightBytes: 4 * (dVocab * dModel + 2 * (block + norms)),
    fedBytes: 0,
  });
  expect(forwardCost(model, { nCtx })).toEqual({
    flopsPerToken: nLayers * (2 * block + attention) + 2 * dModel * dVocab,
    weightBytes: 4 * (2 * dVocab * dModel + nLayers * (block + norms) + dModel),
    fedBytes: 0,
  });
  expect(() => forwardCost(model, { hook: "blocks.9.hook_resid_post", nCtx })).toThrow("needed one of");
});
