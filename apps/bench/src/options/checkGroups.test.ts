import { expect, test } from "vitest";
import { checkGroups } from "./checkGroups.js";

test("every group of Matryoshka has a latent", () => {
  checkGroups(["matryoshka"], {}, 16);
  checkGroups(["matryoshka"], { matryoshka: { fractions: [0.9, 0.1] } }, 10);
  expect(() => checkGroups(["topk", "matryoshka"], { matryoshka: { fractions: [0.01, 0.99] } }, 16)).toThrow(
    "--fractions: needed at least one of the 16 latents in each group, got groups of 0, 16; raise the smallest share or --d-sae",
  );
  expect(() => checkGroups(["matryoshka"], {}, 2)).toThrow("got groups of 1, 0, 1");
});

test("other architectures have none", () => {
  checkGroups(["topk"], {}, 1);
});
