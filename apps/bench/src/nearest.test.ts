import { expect, test } from "vitest";
import { didYouMean, nearest } from "./nearest.js";

test.each([
  ["batchtpk", "batchtopk"],
  ["jumpReLU", "jumprelu"],
  ["tpok", "topk"],
  ["transformer", null],
  ["", null],
])("%j is nearest to %j", (word, expected) => {
  expect(nearest(word, ["relu", "topk", "batchtopk", "jumprelu", "matryoshka"])).toBe(expected);
});

test("nothing is near to nothing", () => {
  expect(nearest("topk", [])).toBe(null);
  expect(didYouMean("topk", [])).toBe("");
  expect(didYouMean("topkk", ["topk"])).toBe("; did you mean 'topk'?");
});
