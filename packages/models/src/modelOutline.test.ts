import { expect, test } from "vitest";
import { forwardCost } from "./forwardCost.js";
import { modelOutline } from "./modelOutline.js";
import { randomModel, smallConfigs } from "./models.testkit.js";

test.each(Object.entries(smallConfigs))(
  "an outline of a %s has the sizes and costs of the model",
  async (_, config) => {
    const outline = modelOutline("org/name", config);
    const model = randomModel(config);
    expect(outline.sizes).toEqual(model.sizes);
    const end = { hook: "blocks.0.hook_resid_post", nCtx: 5 };
    expect(forwardCost(outline, end)).toEqual(forwardCost(model, end));
    const [weight] = Object.keys(outline.family.weights(outline.config));
    await expect(outline.weight(weight)).rejects.toMatchObject({ code: "no_weights" });
  },
);

test("of another architecture there is none", () => {
  expect(() => modelOutline("org/name", { model_type: "mamba" })).toThrow("model_type: needed one of");
});
