import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, SaeError, writeFileAtomic, writeSafetensors } from "@sae/core";
import { byText, type CityFacts, corpusSources, type SplitTexts, splitTexts } from "@sae/corpora";
import { huggingFaceTokenizer, type TextDocument, type Tokenizer, type TrainedTokenizer, trainBpe } from "@sae/models";
import type { TokenStream } from "./contexts.js";
import type { EmbeddedRecipe } from "./recipe.js";

/** The corpus in tokens, and the tokenizer that was trained on its training part. */
export interface PreparedCorpus {
  readonly tokenizer: Tokenizer;
  readonly bos: number;
  readonly facts: readonly CityFacts[];
  readonly train: readonly TokenStream[];
  readonly heldOut: readonly TokenStream[];
  /** What identifies the texts and the vocabulary. */
  readonly identity: Readonly<Record<string, unknown>>;
}

/** Characters of each source that the tokenizer is trained on. */
const tokenizerCharacters = 1_500_000;

/**
 * Builds the corpus in `folder`, or reads it from there if it is the same: tokenizer.json, tokenizer_config.json and corpus.safetensors.
 *
 * @param say told what takes its time
 */
export async function preparedCorpus(
  recipe: EmbeddedRecipe,
  folder: string,
  say: (message: string) => void = () => {},
): Promise<PreparedCorpus> {
  const { sources, facts } = corpusSources(recipe);
  // In the order of their names, as the file has them.
  const splits = sources
    .map((source) => splitTexts(source.name, source.documents(), recipe))
    .sort((a, b) => byText(a.name, b.name));
  const texts = textsHash(splits);
  await mkdir(folder, { recursive: true });
  const known = await knownCorpus(folder, { texts, dVocab: recipe.dVocab });
  if (known) return { ...known, facts };
  say(`training the tokenizer (${recipe.dVocab} entries)`);
  await writeTokenizer(folder, await trainBpe(tokenizerTexts(splits), { size: recipe.dVocab }));
  const { tokenizer, bos, sha256 } = readTokenizer(folder);
  const streams = (part: "train" | "heldOut") =>
    splits.map((split) => {
      say(`tokens of ${split.name}, ${part}`);
      return { name: split.name, tokens: tokenStream(split[part], tokenizer, bos) };
    });
  const [train, heldOut] = [streams("train"), streams("heldOut")];
  const arrays = Object.entries({ train, heldOut }).flatMap(([part, list]) =>
    list.map(({ name, tokens }) => [
      `${part}/${name}`,
      { dtype: "uint16" as const, shape: [tokens.length], data: tokens },
    ]),
  );
  const identity = { texts, dVocab: recipe.dVocab, tokenizer: sha256 };
  await writeSafetensors(corpusPath(folder), Object.fromEntries(arrays), { identity: JSON.stringify(identity) });
  return { tokenizer, bos, facts, train, heldOut, identity };
}

const corpusPath = (folder: string): string => join(folder, "corpus.safetensors");
const tokenizerPaths = (folder: string) =>
  [join(folder, "tokenizer.json"), join(folder, "tokenizer_config.json")] as const;

/** What an earlier call left in the folder, null if that is nothing or of other texts. */
async function knownCorpus(
  folder: string,
  wanted: Readonly<Record<string, unknown>>,
): Promise<Omit<PreparedCorpus, "facts"> | null> {
  if (!existsSync(corpusPath(folder)) || !existsSync(tokenizerPaths(folder)[1])) return null;
  const { tokenizer, bos, sha256 } = readTokenizer(folder);
  const identity = { ...wanted, tokenizer: sha256 };
  const { tensors, metadata } = await readSafetensors(corpusPath(folder));
  if (metadata.identity !== JSON.stringify(identity)) return null;
  const streams = (part: string): TokenStream[] =>
    Object.entries(tensors)
      .filter(([name]) => name.startsWith(`${part}/`))
      .map(([name, { data }]) => ({ name: name.slice(part.length + 1), tokens: data as Uint16Array }))
      .sort((a, b) => byText(a.name, b.name));
  return { tokenizer, bos, train: streams("train"), heldOut: streams("heldOut"), identity };
}

async function writeTokenizer(folder: string, { json, config }: TrainedTokenizer): Promise<void> {
  const [jsonPath, configPath] = tokenizerPaths(folder);
  await writeFileAtomic(jsonPath, `${JSON.stringify(json)}\n`);
  await writeFileAtomic(configPath, `${JSON.stringify(config, null, 2)}\n`);
}

/** @throws SaeError `invalid_tokenizer` */
function readTokenizer(folder: string): { tokenizer: Tokenizer; bos: number; sha256: string } {
  const [json, config] = tokenizerPaths(folder).map((path) => readFileSync(path, "utf8")) as [string, string];
  const tokenizer = huggingFaceTokenizer(JSON.parse(json), JSON.parse(config));
  if (tokenizer.bos === null) {
    throw new SaeError("invalid_tokenizer", `${folder}: needed a tokenizer with a token that begins a text, got none`);
  }
  return { tokenizer, bos: tokenizer.bos, sha256: createHash("sha256").update(json).update(config).digest("hex") };
}

/** The first documents of each source's training part, about as many characters of each: no source may leave the vocabulary to another. */
const tokenizerTexts = (splits: readonly SplitTexts[]): string[] =>
  splits.flatMap(({ train }) => {
    let left = tokenizerCharacters;
    return train
      .map(({ text }) => text)
      .filter((text) => {
        left -= text.length;
        return left > 0;
      });
  });

/** Documents behind each other, each begun by `bos`. */
export function tokenStream(documents: readonly TextDocument[], tokenizer: Tokenizer, bos: number): Uint16Array {
  const pieces = documents.map(({ text }) => tokenizer.encode(text, { bos: false }).ids);
  const tokens = new Uint16Array(pieces.reduce((total, ids) => total + ids.length + 1, 0));
  let at = 0;
  for (const ids of pieces) {
    tokens[at++] = bos;
    tokens.set(ids, at);
    at += ids.length;
  }
  return tokens;
}

function textsHash(splits: readonly SplitTexts[]): string {
  const hash = createHash("sha256");
  for (const { name, train, heldOut } of splits) {
    hash.update(name);
    for (const { text } of [...train, { text: "" }, ...heldOut]) hash.update(text).update("\0");
  }
  return hash.digest("hex");
}
