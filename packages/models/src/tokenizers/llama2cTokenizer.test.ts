import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { byteName } from "./byteLevel.js";
import { llama2cTokenizer } from "./llama2cTokenizer.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llama2c-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** A file as llama2.c writes it. */
function tokenizerFile(pieces: readonly [string, number][]): Buffer {
  const parts = pieces.map(([piece, score]) => {
    const bytes = Buffer.from(piece);
    const head = Buffer.alloc(8);
    head.writeFloatLE(score, 0);
    head.writeInt32LE(bytes.length, 4);
    return Buffer.concat([head, bytes]);
  });
  const longest = Buffer.alloc(4);
  longest.writeInt32LE(Math.max(...pieces.map(([piece]) => Buffer.byteLength(piece))));
  return Buffer.concat([longest, ...parts]);
}

const file = tokenizerFile([
  ["<unk>", 0],
  ["\n<s>\n", 0],
  ["\n</s>\n", 0],
  ...Array.from({ length: 256 }, (_, byte): [string, number] => [byteName(byte), 0]),
  [" h", -1],
  ["é", -2],
  [" ", -3],
  ["h", -4],
]);

it("reads pieces and scores", async () => {
  const path = join(folder, "tokenizer.bin");
  await writeFile(path, file);
  const tokenizer = await llama2cTokenizer(path);
  expect([tokenizer.dVocab, tokenizer.bos, tokenizer.eos, tokenizer.addsBos]).toEqual([263, 1, 2, true]);
  expect([0, 1, 2, 13, 259].map((id) => tokenizer.tokenText(id))).toEqual(["<unk>", "<s>", "</s>", "<0x0A>", " h"]);
  const { ids, offsets } = tokenizer.encode("hé h\n");
  expect(ids).toEqual([1, 259, 260, 259, 13]);
  expect(offsets).toEqual([
    [0, 0],
    [0, 1],
    [1, 2],
    [2, 4],
    [4, 5],
  ]);
  expect(tokenizer.decode(ids)).toBe("hé h\n");
});

it("says when the file is cut short or not there", async () => {
  const path = join(folder, "short.bin");
  for (const length of [file.length - 1, 4 + 5]) {
    await writeFile(path, file.subarray(0, length));
    await expect(llama2cTokenizer(path)).rejects.toThrow(expect.objectContaining({ code: "file_truncated" }));
  }
  await expect(llama2cTokenizer(join(folder, "none.bin"))).rejects.toThrow(
    expect.objectContaining({ code: "file_not_found" }),
  );
});
