import { describe, expect, test } from "vitest";
import type { GgufHeader } from "./decodeGgufHeader.js";
import { ggufFacts } from "./ggufFacts.js";
import { llama3Factors, ropeScaling } from "./ropeScaling.js";

const scaling = (metadata: GgufHeader["metadata"], factors: Float32Array | null = null) => {
  const header = { version: 3, metadata, tensors: new Map(), dataOffset: 0, alignment: 32 };
  return ropeScaling(ggufFacts(header, "llama", factors, "test"), 128, 500_000);
};

test("none", () => {
  expect(scaling({})).toBeNull();
  expect(scaling({ "llama.rope.scaling.type": "none", "llama.rope.scaling.factor": 2 })).toBeNull();
  expect(scaling({ "llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 1 })).toBeNull();
  expect(scaling({}, new Float32Array(64).fill(1))).toBeNull();
});

test("linear, under its key and under the older one", () => {
  const linear = { rope_type: "linear", factor: 4 };
  expect(scaling({ "llama.rope.scaling.type": "linear", "llama.rope.scaling.factor": 4 })).toEqual(linear);
  expect(scaling({ "llama.rope.scale_linear": 4 })).toEqual(linear);
});

test("another type is passed on, for the family to judge", () => {
  expect(scaling({ "llama.rope.scaling.type": "yarn", "llama.rope.scaling.factor": 4 })).toMatchObject({
    rope_type: "yarn",
    factor: 4,
  });
});

describe("Llama 3", () => {
  const llama31 = {
    factor: 8,
    low_freq_factor: 1,
    high_freq_factor: 4,
    original_max_position_embeddings: 8192,
  };

  test("short waves stay, long ones are stretched by the factor, from 2048 to 8192 positions in between", () => {
    const factors = llama3Factors(128, 500_000, llama31);
    const waves = factors.map((_, pair) => 2 * Math.PI * 500_000 ** (pair / 64));
    expect(factors).toHaveLength(64);
    factors.forEach((factor, pair) => {
      if (waves[pair] < 2048) expect(factor).toBe(1);
      else if (waves[pair] > 8192) expect(factor).toBe(8);
      else expect(factor > 1 && factor < 8).toBe(true);
    });
    expect(factors).toEqual(factors.toSorted((a, b) => a - b));
    // by hand: a wave of 4096 positions turns twice in 8192, a third of the way from 1 to 4: 1 / (2/3 / 8 + 1/3) = 2.4
    const base = (4096 / (2 * Math.PI)) ** 2; // its wave is that of pair 1 of 2
    expect(llama3Factors(4, base, llama31)[1]).toBeCloseTo(2.4, 10);
  });

  test.each([8, 32])("the factors of the models with factor %i are recognised", (factor) => {
    const numbers = { ...llama31, factor };
    const stored = Float32Array.from(llama3Factors(128, 500_000, numbers));
    expect(scaling({}, stored)).toEqual({ rope_type: "llama3", ...numbers });
  });

  test("others are not", () => {
    const stored = Float32Array.from(llama3Factors(128, 500_000, { ...llama31, high_freq_factor: 8 }));
    expect(() => scaling({}, stored)).toThrow(
      "test: needed the rotary factors of Llama 3.1 in rope_freqs.weight, got others (largest 8); use a checkpoint with a config.json",
    );
    expect(() => scaling({}, stored.subarray(0, 32))).toThrow("got others (largest 3.5");
  });
});
