import { describe, expect, it } from "vitest";
import { byteCharacters, byteName } from "./byteLevel.js";
import { ggufTokenizer } from "./ggufTokenizer.js";

const keys = (values: object) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`tokenizer.ggml.${key}`, value]));
const texts = (tokenizer: ReturnType<typeof ggufTokenizer>, text: string) =>
  tokenizer.encode(text).ids.map((id) => tokenizer.tokenText(id));

describe("SentencePiece in a GGUF file", () => {
  const tokens = [
    "<unk>",
    "<s>",
    "</s>",
    ...Array.from({ length: 256 }, (_, byte) => byteName(byte)),
    "▁",
    "h",
    "i",
    "hi",
    "▁hi",
  ];
  const llama = {
    model: "llama",
    tokens,
    scores: Float32Array.from(tokens, (_, id) => -id),
    token_type: Int32Array.from(tokens, (_, id) => (id === 0 ? 2 : id < 3 ? 3 : id < 259 ? 6 : 1)),
    bos_token_id: 1,
    eos_token_id: 2n,
    unknown_token_id: 0,
  };

  it("with all its keys", () => {
    const tokenizer = ggufTokenizer(keys({ ...llama, add_bos_token: false, add_space_prefix: false }));
    expect(texts(tokenizer, "hi hi\n")).toEqual(["hi", " hi", "<0x0A>"]);
    expect([tokenizer.bos, tokenizer.eos, tokenizer.addsBos, tokenizer.dVocab]).toEqual([1, 2, false, tokens.length]);
  });

  it("begins with its token and a space, unless the file says otherwise", () => {
    expect(texts(ggufTokenizer(keys(llama)), "hi")).toEqual(["<s>", " hi"]);
  });

  it("without types, as in older files", () => {
    const { token_type, bos_token_id, eos_token_id, unknown_token_id, ...older } = llama;
    const tokenizer = ggufTokenizer(keys(older));
    expect(texts(tokenizer, "hi é")).toEqual(["<s>", " hi", " ", "<0xC3>", "<0xA9>"]);
    expect([...tokenizer.special]).toEqual([0, 1, 2]);
  });
});

describe("bytes in a GGUF file", () => {
  const tokens = [...byteCharacters, "12", "123", "Ġa", "!!", "Ġa!", "<|begin|>", "<tool>"];
  const id = (token: string) => tokens.indexOf(token);
  const gpt2 = {
    model: "gpt2",
    tokens,
    token_type: tokens.map((token) => (token === "<|begin|>" ? 3 : token === "<tool>" ? 4 : 1)),
    merges: ["1 2", "12 3", "Ġ a", "! !", "Ġa !"],
    bos_token_id: id("<|begin|>"),
    eos_token_id: id("<|begin|>"),
  };

  it.each([
    ["gpt-2", "x a!!1234", ["x", " a", "!!", "123", "4"]],
    ["llama-bpe", "x a!!1234", ["<|begin|>", "x", " a", "!!", "123", "4"]],
    ["llama-bpe", "12 345", ["<|begin|>", "12", " ", "3", "4", "5"]],
    // Digits in threes from the left, which the last of its expressions cuts out of a run.
    ["default", "x a!!1234", ["x", " a", "!!", "123", "4"]],
    ["default", "12\n\n a", ["12", "\n", "\n", " a"]],
  ])("%s: %j", (pre, text, expected) => {
    expect(texts(ggufTokenizer(keys({ ...gpt2, pre })), text)).toEqual(expected);
  });

  it("control tokens are text, user-defined ones are found", () => {
    const tokenizer = ggufTokenizer(keys({ ...gpt2, pre: "gpt-2" }));
    expect(tokenizer.encode("<|begin|><tool>").ids.at(-1)).toBe(id("<tool>"));
    expect(tokenizer.encode("<|begin|>").ids).not.toContain(id("<|begin|>"));
    expect([...tokenizer.special]).toEqual([id("<|begin|>")]);
    expect(tokenizer.addsBos).toBe(false);
    expect(ggufTokenizer(keys({ ...gpt2, pre: "gpt-2", add_bos_token: true })).encode("").ids).toEqual([
      id("<|begin|>"),
    ]);
  });

  it("llama-bpe takes a word that is a token as it is", () => {
    const merges = gpt2.merges.filter((merge) => merge !== "12 3");
    expect(texts(ggufTokenizer(keys({ ...gpt2, merges, pre: "llama-bpe" })), "123")).toEqual(["<|begin|>", "123"]);
    expect(texts(ggufTokenizer(keys({ ...gpt2, merges, pre: "gpt-2" })), "123")).toEqual(["12", "3"]);
  });

  it("says what it does not know", () => {
    expect(() => ggufTokenizer(keys({ ...gpt2, pre: "tekken" }))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenizer: needed tokenizer.ggml.pre of gpt-2, llama-bpe, default, got tekken; use a model with another tokenizer]`,
    );
    expect(() => ggufTokenizer(keys({ ...gpt2, model: "bert" }))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenizer: needed tokenizer.ggml.model of llama, gpt2, got bert; use a model with another tokenizer]`,
    );
    expect(() => ggufTokenizer({})).toThrow(expect.objectContaining({ code: "invalid_tokenizer" }));
    expect(() => ggufTokenizer(keys({ ...gpt2, model: "llama" }))).toThrow(/tokenizer.ggml.scores/);
  });
});
