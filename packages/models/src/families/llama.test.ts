import { expect, it } from "vitest";
import { randomModel, randomTexts, randomWeights, relativeDifference, smallConfigs } from "../models.testkit.js";
import { runModel } from "../runModel.js";
import { llamaReference } from "./llamaReference.testkit.js";

it("gives what plain loops give", async () => {
  const config = { ...smallConfigs.llama, rope_theta: 300, rms_norm_eps: 1e-3 };
  const weights = randomWeights(config);
  const [text] = randomTexts([9], config.vocab_size);
  const { residuals, logits } = llamaReference(config, (name) => weights[name].data, text);
  const hooks = ["blocks.0.hook_resid_post", "blocks.1.hook_resid_post"] as const;
  const got = await runModel(randomModel(config), [text], { hooks });
  hooks.forEach((hook, layer) => {
    expect(relativeDifference(got.at[hook], { shape: [1, 9, 12], data: residuals[layer].flat() })).toBeLessThan(1e-5);
  });
  expect(relativeDifference(got.logits, { shape: [1, 9, 23], data: logits.flat() })).toBeLessThan(1e-5);
});
