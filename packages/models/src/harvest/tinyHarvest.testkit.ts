import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  add,
  attention,
  causalMask,
  compile,
  type Dim,
  fillNormal,
  float32,
  fold,
  gatherRows,
  int64,
  key,
  matmul,
  reshape,
} from "@sae/core";
import type { TextSource } from "../text/textSource.js";
import { type ContextOptions, type ContextSource, type ContextTokenizer, textContexts } from "./contexts.js";
import { fixedContexts } from "./fixedContexts.js";
import { type HarvestOptions, harvest } from "./harvest.js";
import type { Prefix } from "./prefix.js";

export const dModel = 4;
const dVocab = 64;

const randomWeights = (name: string, size: number) => fillNormal(fold(key("tiny"), name), new Float32Array(size));

/** One layer of attention with random weights: the activations of a token depend on all before it. */
export async function tinyPrefix(): Promise<Prefix & { close(): Promise<void> }> {
  const weights = {
    W_E: float32(dVocab, dModel),
    W_Q: float32(dModel, dModel),
    W_K: float32(dModel, dModel),
    W_V: float32(dModel, dModel),
  };
  const program = await compile({ tokens: int64("batch", "seq"), ...weights }, ({ tokens, W_E, W_Q, W_K, W_V }) => {
    const x = gatherRows(W_E, tokens); // [batch, seq, dModel]
    const [batch, seq] = tokens.shape as [Dim, Dim];
    const head = (w: typeof W_Q) => reshape(matmul(x, w), [batch, seq, 1, dModel]);
    const z = attention(head(W_Q), head(W_K), head(W_V), { mask: causalMask(tokens) }); // [batch, seq, 1, dModel]
    return { x: add(x, reshape(z, [batch, seq, dModel])) };
  });
  const values = Object.fromEntries(
    Object.entries(weights).map(([name, { shape }]) => [name, randomWeights(name, (shape as number[])[0] * dModel)]),
  ) as Record<keyof typeof weights, Float32Array>;
  return {
    dModel,
    identity: { model: "tiny", hook: "blocks.0.hook_attn_out" },
    activations: async (tokens, batch, seq) => {
      const data = BigInt64Array.from(tokens, BigInt);
      const { x } = await program.run({ tokens: { data, shape: [batch, seq] }, ...values });
      return x.data as Float32Array;
    },
    close: () => program.dispose(),
  };
}

/** Activations that tell which token they belong to: [token, 1, 1, 1]. */
export const numberPrefix: Prefix = {
  dModel,
  identity: { model: "numbers" },
  activations: async (tokens) =>
    Float32Array.from({ length: tokens.length * dModel }, (_, i) => (i % dModel === 0 ? tokens[i / dModel] : 1)),
};

/** Contexts of 8 tokens that are all different, but for a 0 at the start of each and at some other places. */
export const numberedContexts = (count: number): ContextSource =>
  fixedContexts(
    Int32Array.from({ length: count * 8 }, (_, i) => (i % 8 === 0 || i % 11 === 0 ? 0 : i)),
    8,
    [0],
  );

/** One token for each letter; @ begins a text, | ends one. */
export const letterTokenizer: ContextTokenizer = {
  bos: 0,
  eos: 1,
  addsBos: true,
  encode: (text) => ({ ids: Array.from(text, letterId), offsets: Array.from(text, (_, i) => [i, i + 1] as const) }),
};
const letters = "@|abcdefghijklmnopqrstuvwxyz";
const letterId = (letter: string): number => letters.indexOf(letter);
export const toLetters = (ids: Iterable<number>): string => Array.from(ids, (id) => letters[id] ?? "?").join("");

/** Documents that are in memory. */
export const textsOf = (...documents: string[]): TextSource => ({
  identity: { documents },
  async *documents() {
    for (const [i, text] of documents.entries()) yield { id: `${i}`, text };
  },
});

/** Documents of 0 to 22 letters. */
export const someTexts = (count: number): TextSource =>
  textsOf(
    ...Array.from({ length: count }, (_, i) =>
      Array.from({ length: (i * 7) % 23 }, (_, j) => letters[2 + ((i * 5 + j * (i + 3)) % 26)]).join(""),
    ),
  );

export const contextsOf = (texts: TextSource, options: Partial<ContextOptions> = {}) =>
  textContexts(texts, letterTokenizer, { nCtx: 8, ...options });

/** A harvest of 100 documents in 18 shards of 8 contexts, with everything in use that is carried from shard to shard. */
export async function resumableHarvest(folder: string, options: Partial<HarvestOptions> = {}) {
  const prefix = await tinyPrefix();
  try {
    return await harvest({
      prefix,
      contexts: contextsOf(someTexts(100)),
      folder,
      batch: 2,
      shardBytes: 8 * 8 * dModel * 2,
      maxNorm: 1.3,
      medianRows: 30,
      ...options,
    });
  } finally {
    await prefix.close();
  }
}

/** Every file of a folder as text of its bytes. */
export async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(join(folder, name))).toString("latin1")])),
  );
}
