import { expect, test } from "vitest";
import { randomModel } from "./modelShapes.js";
import { timeSuffix } from "./suffixTiming.js";

const config = {
  model_type: "llama",
  hidden_size: 16,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: 32,
  max_position_embeddings: 128,
};

test("both passes over a suffix are timed beside their products, and profiled on request", async () => {
  const model = randomModel({ name: "small", config });
  const { hook, losses, gradient } = await timeSuffix(model, 0, 1, { threads: 1, profile: true });
  expect(hook).toBe("blocks.0.hook_resid_post");
  expect([losses.tokens, gradient.tokens]).toEqual([512, 256]);
  for (const { ms, gemmMs, ratio, ops = [] } of [losses, gradient]) {
    expect(ratio).toBeCloseTo(ms / gemmMs);
    expect(ops.some(({ flops }) => flops > 0)).toBe(true);
  }
});

test("after the last block only the head is left", async () => {
  const model = randomModel({ name: "small", config });
  const { losses, gradient } = await timeSuffix(model, 1, 1, { threads: 1, profile: false });
  for (const { gemmMs, ops } of [losses, gradient]) {
    expect(gemmMs).toBeGreaterThan(0);
    expect(ops).toBeUndefined();
  }
});
