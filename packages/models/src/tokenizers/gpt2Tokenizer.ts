import { huggingFaceTokenizer } from "./huggingFaceTokenizer.js";
import type { Tokenizer } from "./tokenizer.js";
import { invalidTokenizer } from "./tokenizerPart.js";

const endOfText = "<|endoftext|>";

/**
 * GPT-2's tokenizer from the two files it was published as. `<|endoftext|>`, where the vocabulary has it, is what begins and ends a text; nothing
 * is put before a text unless it is asked for, as the model was trained.
 *
 * @param vocab the parsed vocab.json (encoder.json): pieces with one character a byte, and their ids
 * @param merges the text of merges.txt (vocab.bpe): one merge a line, the first to be made first; a line that begins with `#version` is left out
 * @throws SaeError `invalid_tokenizer`
 */
export function gpt2Tokenizer(vocab: Readonly<Record<string, unknown>>, merges: string): Tokenizer {
  const lines = merges
    .split(/\r?\n/)
    .filter((line, index) => line !== "" && !(index === 0 && line.startsWith("#version")));
  const broken = lines.find((line) => line.split(" ").length !== 2);
  if (broken !== undefined) throw invalidTokenizer(`merges.txt has the line ${JSON.stringify(broken)}, not two pieces`);
  const name = endOfText in vocab ? endOfText : null;
  return huggingFaceTokenizer(
    {
      added_tokens: name === null ? [] : [{ id: vocab[name], content: name, special: true }],
      pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
      decoder: { type: "ByteLevel" },
      model: { type: "BPE", vocab, merges: lines },
    },
    { bos_token: name, eos_token: name, add_bos_token: false },
  );
}
