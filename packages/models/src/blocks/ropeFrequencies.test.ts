import { describe, expect, it } from "vitest";
import { ropeFrequencies } from "./ropeFrequencies.js";

const round = (values: readonly number[]) => values.map((value) => Number(value.toPrecision(6)));

describe("ropeFrequencies", () => {
  it("base^(−2i / features)", () => {
    // 10000^(−2i/8): 1, 10⁻¹, 10⁻², 10⁻³
    expect(round(ropeFrequencies("test", {}, 8))).toEqual([1, 0.1, 0.01, 0.001]);
    expect(round(ropeFrequencies("test", { rope_theta: 16 }, 4))).toEqual([1, 0.25]);
  });

  it("reads both ways of writing it", () => {
    const old = ropeFrequencies("test", { rope_theta: 500, rope_scaling: { type: "linear", factor: 4 } }, 8);
    const now = ropeFrequencies("test", { rope_parameters: { rope_type: "linear", rope_theta: 500, factor: 4 } }, 8);
    expect(now).toEqual(old);
  });

  it("linear: every frequency divided", () => {
    expect(round(ropeFrequencies("test", { rope_scaling: { rope_type: "linear", factor: 4 } }, 4))).toEqual([
      0.25, 0.0025,
    ]);
  });

  it("llama3: slow ones divided, fast ones kept, in between by how often they turn", () => {
    // 4096^(−2i/8): 1, 1/8, 1/64, 1/512. In 256 positions they turn 256/2π = 40.7437, 5.09296, 0.63662, 0.0795775 times.
    // Below 0.5 turns divided by 8, above 4.5 kept; 0.63662 lies (0.63662 − 0.5)/4 = 0.034155 of the way:
    // 0.034155/64 + (1 − 0.034155)/(64·8) = 0.000533672 + 0.00188642 = 0.00242009
    const rope_scaling = {
      rope_type: "llama3",
      factor: 8,
      low_freq_factor: 0.5,
      high_freq_factor: 4.5,
      original_max_position_embeddings: 256,
    };
    const frequencies = ropeFrequencies("test", { rope_theta: 4096, rope_scaling }, 8);
    expect(round(frequencies)).toEqual([1, 0.125, 0.00242009, 0.000244141]);
  });

  it("turns a part of each head where a config says so", () => {
    expect(ropeFrequencies("test", {}, 16, { partial: 0.25 })).toHaveLength(2);
    expect(
      ropeFrequencies("test", { rope_parameters: { partial_rotary_factor: 0.5 } }, 16, { partial: 0.25 }),
    ).toHaveLength(4);
  });
});
