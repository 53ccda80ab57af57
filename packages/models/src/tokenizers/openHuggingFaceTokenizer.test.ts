import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { byteCharacters } from "./byteLevel.js";
import { openHuggingFaceTokenizer } from "./openHuggingFaceTokenizer.js";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tokenizer-"));
});
afterEach(() => rm(folder, { recursive: true }));
const write = (files: Record<string, unknown>) =>
  Promise.all(
    Object.entries(files).map(([name, content]) =>
      writeFile(join(folder, name), typeof content === "string" ? content : JSON.stringify(content)),
    ),
  );

const tokenizer = {
  added_tokens: [{ id: 3, content: "<s>", special: true }],
  model: { type: "BPE", vocab: { a: 0, b: 1, ab: 2 }, merges: ["a b"] },
};

it("tokenizer.json with its config, with the map of special tokens, or alone", async () => {
  await write({ "tokenizer.json": tokenizer });
  expect((await openHuggingFaceTokenizer(folder)).bos).toBeNull();
  await write({ "special_tokens_map.json": { bos_token: { content: "<s>" } } });
  expect((await openHuggingFaceTokenizer(folder)).encode("ab").ids).toEqual([2]);
  expect((await openHuggingFaceTokenizer(folder)).bos).toBe(3);
  await write({ "tokenizer_config.json": { bos_token: "<s>", add_bos_token: true, more: [] } });
  expect((await openHuggingFaceTokenizer(folder)).encode("ab").ids).toEqual([3, 2]);
});

it("vocab.json and merges.txt", async () => {
  const pieces = [...byteCharacters, "Ġb", "ab", "<|endoftext|>"];
  await write({
    "vocab.json": Object.fromEntries(pieces.map((piece, id) => [piece, id])),
    "merges.txt": "#version: 0.2\nĠ b\na b\n",
  });
  const gpt2 = await openHuggingFaceTokenizer(folder);
  expect(gpt2.encode("ab b<|endoftext|>", { bos: true }).ids.slice(0, 4)).toEqual([258, 257, 256, 60]);
  expect([gpt2.bos, gpt2.eos, gpt2.addsBos, [...gpt2.special]]).toEqual([258, 258, false, [258]]);
  await write({ "merges.txt": "#version: 0.2\nĠ b c\n" });
  await expect(openHuggingFaceTokenizer(folder)).rejects.toThrow(/the line "Ġ b c", not two pieces/);
});

it("says what is missing or broken", async () => {
  await expect(openHuggingFaceTokenizer(folder)).rejects.toThrow(
    /needed tokenizer.json, or vocab.json and merges.txt, got neither/,
  );
  await write({ "tokenizer.json": "{" });
  await expect(openHuggingFaceTokenizer(folder)).rejects.toThrow(
    expect.objectContaining({ code: "invalid_tokenizer" }),
  );
});
