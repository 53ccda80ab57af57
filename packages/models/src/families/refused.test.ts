/*
 * A checkpoint that asks for something that is not there must not run as something else.
 */
import { describe, expect, it } from "vitest";
import { smallConfigs } from "../models.testkit.js";
import { familyOf } from "./families.js";

const { llama, gemma2, gpt2, gpt_neox } = smallConfigs;

const parse = (config: Record<string, unknown>) => () => familyOf(config).config.parse(config);

describe("configs that are refused", () => {
  it("a family that is not there", () => {
    expect(parse({ model_type: "mamba" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: model_type: needed one of llama, gemma2, gpt2, gpt_neox, got "mamba"; a family that is missing is one file: see "Add a model family" in CONTRIBUTING.md]`,
    );
    expect(parse({})).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: model_type: needed one of llama, gemma2, gpt2, gpt_neox, got none; a family that is missing is one file: see "Add a model family" in CONTRIBUTING.md]`,
    );
  });

  it("numbers that are missing or senseless", () => {
    expect(parse({ ...llama, hidden_size: undefined, vocab_size: 0 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: hidden_size: Invalid input: expected number, received undefined; vocab_size: Too small: expected number to be >0]`,
    );
    expect(parse({ ...llama, num_key_value_heads: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: needed heads that are a multiple of the key heads, got 4 heads and 3 key heads; this checkpoint cannot be run here]`,
    );
    expect(parse({ ...gpt2, n_head: 5 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: gpt2 config: needed features that are a multiple of the heads, got 5 heads for 12 features; this checkpoint cannot be run here]`,
    );
  });

  it("quantised weights", () => {
    for (const config of [llama, gemma2, gpt2, gpt_neox]) {
      expect(parse({ ...config, quantization_config: { quant_method: "gptq" } })).toThrow(
        /needed weights that are not quantised/,
      );
    }
    expect(parse({ ...llama, quantization_config: null })).not.toThrow();
  });

  it("activations", () => {
    expect(parse({ ...llama, hidden_act: "quick_gelu" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: needed an activation of silu, swish, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, relu, got 'quick_gelu'; this checkpoint cannot be run here]`,
    );
    expect(parse({ ...gemma2, hidden_activation: "silu2" })).toThrow(/got 'silu2'/);
    expect(parse({ ...gemma2, hidden_act: "silu" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: gemma2 config: needed hidden_activation, which is what counts for this family, got hidden_act 'silu' alone; this checkpoint cannot be run here]`,
    );
    expect(parse({ ...gpt2, activation_function: "toString" })).toThrow(/got 'toString'/);
    expect(parse({ ...gpt_neox, hidden_act: "mish" })).toThrow(/got 'mish'/);
  });

  it("rotary positions", () => {
    const scaled = (rope_scaling: unknown) => parse({ ...llama, rope_scaling });
    expect(scaled({ type: "dynamic", factor: 2 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: needed a rope type of default, linear, llama3, got 'dynamic'; this checkpoint cannot be run here]`,
    );
    expect(scaled({ rope_type: "linear" })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: needed rope options of type 'linear' (factor), got no factor; this checkpoint cannot be run here]`,
    );
    expect(scaled({ rope_type: "linear", factor: 2, attention_factor: 3 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: llama config: needed rope options of type 'linear' (factor), got attention_factor; this checkpoint cannot be run here]`,
    );
    expect(parse({ ...llama, rope_parameters: { full_attention: { rope_theta: 1e6 } } })).toThrow(/full_attention/);
    expect(parse({ ...llama, partial_rotary_factor: 0.5 })).toThrow(/whole heads/);
    expect(parse({ ...llama, head_dim: 5 })).toThrow(/even number/);
    expect(parse({ ...gpt_neox, rotary_pct: 0.4 })).toThrow(/even number/);
  });

  it("other options of single families", () => {
    expect(parse({ ...gpt2, add_cross_attention: true })).toThrow(/add_cross_attention/);
    expect(parse({ ...gemma2, use_bidirectional_attention: true })).toThrow(/use_bidirectional_attention/);
    expect(parse({ ...gemma2, layer_types: ["full_attention"] })).toThrow(/one for each of 2 layers/);
    expect(parse({ ...gemma2, layer_types: ["full_attention", "chunked_attention"] })).toThrow(/'chunked_attention'/);
    expect(parse({ ...gemma2, sliding_window: null })).toThrow(/sliding_window/);
  });
});

it("hidden_activation wins over hidden_act", () => {
  const { config } = familyOf(gemma2);
  expect(config.parse({ ...gemma2, hidden_activation: "gelu", hidden_act: "silu" })).toMatchObject({
    activation: "gelu",
  });
});
