/*
 * A Llama with weights set by hand that knows the country and the language of some cities, and a table that asks for them.
 *
 * Every token is a word. The embedding of a city holds its country in one block of the stream and its language in another, one number for each value.
 * Block 0 does nothing. In block 1 the last word of a question reads both from the city (head 0) and what was asked for from the word "country" or
 * "language" (head 1); the MLP lets through the one that was asked for. So the stream after block 0 at the city is the place to edit, and the right
 * edit is known: the numbers of one block.
 */
import { fillNormal, key } from "@sae/core";
import { huggingFaceTokenizer, type LanguageModel, loadedModel } from "@sae/models";
import type { RavelTable } from "./table.js";

const countries = ["Arland", "Borduria", "Cordova", "Druania", "Estovia", "Freedonia"];
const languages = ["Alban", "Bretic", "Corish", "Dornic"];
const knownCities = 48;
const unknownCities = 2;

const syllables = ["ba", "ce", "di", "fo", "gu", "ka", "le"];
const names = Array.from({ length: knownCities + unknownCities }, (_, i) => {
  const name = [i % 7, Math.floor(i / 7), (3 * i + 1) % 7].map((at) => syllables[at]).join("");
  const capital = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  return i % 5 === 4 ? `New ${capital}` : capital;
});
const countryOf = (city: number): number => city % countries.length;
const languageOf = (city: number): number => Math.floor(city / countries.length) % languages.length;

/** The table: on each side, half of the cities and templates of their own. */
export const knowingTable: RavelTable = {
  entityType: "city",
  entities: names.map((name, i) => ({
    name,
    attributes: { Country: countries[countryOf(i)] as string, Language: languages[languageOf(i)] as string },
  })),
  templates: {
    Country: [
      { template: "See the country of %s is", split: "train" },
      { template: "See how %s belongs to the nation called", split: "train" },
      { template: "See the nation around %s is named", split: "train" },
      { template: "See we say the nation of %s is", split: "test" },
      { template: "See there is a country with %s called", split: "test" },
    ],
    Language: [
      { template: "See the language of %s is", split: "train" },
      { template: "See how one hears in %s the tongue called", split: "train" },
      { template: "See the tongue around %s is named", split: "train" },
      { template: "See we say the tongue of %s is", split: "test" },
      { template: "See there is a language in %s called", split: "test" },
    ],
  },
};

const wordsOf = (text: string): string[] => text.split(" ").filter((word) => word !== "" && word !== "%s");
const templateWords = Object.values(knowingTable.templates).flatMap((list) =>
  list.flatMap(({ template }) => wordsOf(template).slice(1)),
);
const words = [...new Set([...templateWords, ...names.flatMap(wordsOf), ...countries, ...languages])];

/** Byte pair encoding that makes one token of each word with the space before it, letter by letter; everything else is letters. */
function tokenizerJson() {
  const letters = new Set(["Ġ", ..."abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"]);
  const pieces = new Set<string>(["<s>", ...letters]);
  const merges = new Set<string>();
  for (const word of words) {
    let piece = "Ġ";
    for (const letter of word) {
      merges.add(`${piece} ${letter}`);
      piece += letter;
      pieces.add(piece);
    }
  }
  return {
    added_tokens: [{ id: 0, content: "<s>", special: true }],
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: Object.fromEntries([...pieces].map((piece, id) => [piece, id])), merges: [...merges] },
  };
}

const json = tokenizerJson();
const vocab: Readonly<Record<string, number>> = json.model.vocab;
const tokenizerConfig = { bos_token: "<s>", add_bos_token: true };
/** Token of a word with the space before it. */
const tokenOf = (word: string): number => vocab[`Ġ${word}`] as number;

// Places in the stream: a constant, three flags, then blocks.
const [one, isCity, isQuestion, asksCountry, asksLanguage] = [0, 1, 2, 3, 4] as const;
/** First number of the countries' block of the stream, which holds one number for each. */
export const countryBlock = 5;
const languageBlock = countryBlock + countries.length;
const readCountry = languageBlock + languages.length;
const readLanguage = readCountry + countries.length;
const [wantsCountry, wantsLanguage] = [readLanguage + languages.length, readLanguage + languages.length + 1];
const saysCountry = wantsLanguage + 1;
const dModel = 40;
const dHead = 12;
const values = countries.length + languages.length;

/** Features of the stream that carry the countries. */
export const countryFeatures = countries.map((_, i) => countryBlock + i);

const config = {
  model_type: "llama",
  hidden_size: dModel,
  intermediate_size: values,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  head_dim: dHead,
  vocab_size: Object.keys(vocab).length,
  max_position_embeddings: 32,
  // The sixth pair of a head turns by 1e-10 a position: what is compared there does not depend on the distance.
  rope_theta: 1e12,
};

/** A matrix [rows, columns] that is zero but for some entries. */
function sparse(rows: number, columns: number, entries: readonly (readonly [number, number, number])[]) {
  const data = new Float32Array(rows * columns);
  for (const [row, column, value] of entries) data[row * columns + column] = value;
  return { shape: [rows, columns], data };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

function embedding() {
  const entries: [number, number, number][] = range(config.vocab_size).map((token) => [token, one, 1]);
  for (const word of ["is", "called", "named"]) entries.push([tokenOf(word), isQuestion, 1]);
  for (const word of ["country", "nation"]) entries.push([tokenOf(word), asksCountry, 1]);
  for (const word of ["language", "tongue"]) entries.push([tokenOf(word), asksLanguage, 1]);
  names.forEach((name, city) => {
    const token = tokenOf(wordsOf(name).at(-1) as string);
    entries.push([token, isCity, 1]);
    if (city >= knownCities) return;
    entries.push([token, countryBlock + countryOf(city), 1], [token, languageBlock + languageOf(city), 1]);
  });
  return sparse(config.vocab_size, dModel, entries);
}

function block(does: boolean) {
  const compared = [dHead / 2 - 1, dHead + dHead / 2 - 1] as const; // a place of each head
  const only = <Entry>(entries: Entry[]): Entry[] => (does ? entries : []);
  const ones = { shape: [dModel], data: new Float32Array(dModel).fill(1) };
  return {
    "input_layernorm.weight": ones,
    "post_attention_layernorm.weight": ones,
    "self_attn.q_proj.weight": sparse(2 * dHead, dModel, only(compared.map((row) => [row, isQuestion, 4] as const))),
    "self_attn.k_proj.weight": sparse(
      2 * dHead,
      dModel,
      only([
        [compared[0], isCity, 4],
        [compared[1], asksCountry, 4],
        [compared[1], asksLanguage, 4],
      ]),
    ),
    "self_attn.v_proj.weight": sparse(
      2 * dHead,
      dModel,
      only([
        ...range(values).map((i) => [i, countryBlock + i, 1] as const),
        [dHead, asksCountry, 1] as const,
        [dHead + 1, asksLanguage, 1] as const,
      ]),
    ),
    "self_attn.o_proj.weight": sparse(
      dModel,
      2 * dHead,
      only([
        ...range(values).map((i) => [readCountry + i, i, 1] as const),
        [wantsCountry, dHead, 1] as const,
        [wantsLanguage, dHead + 1, 1] as const,
      ]),
    ),
    "mlp.gate_proj.weight": sparse(
      values,
      dModel,
      only(range(values).map((i) => [i, i < countries.length ? wantsCountry : wantsLanguage, 4] as const)),
    ),
    "mlp.up_proj.weight": sparse(values, dModel, only(range(values).map((i) => [i, readCountry + i, 1] as const))),
    "mlp.down_proj.weight": sparse(dModel, values, only(range(values).map((i) => [saysCountry + i, i, 1] as const))),
  };
}

const weights: Readonly<Record<string, { readonly shape: readonly number[]; readonly data: Float32Array }>> = {
  "model.embed_tokens.weight": embedding(),
  ...Object.fromEntries(
    [false, true].flatMap((does, layer) =>
      Object.entries(block(does)).map(([name, value]) => [`model.layers.${layer}.${name}`, value]),
    ),
  ),
  "model.norm.weight": { shape: [dModel], data: new Float32Array(dModel).fill(1) },
  "lm_head.weight": sparse(
    config.vocab_size,
    dModel,
    [...countries, ...languages].map((word, i) => [tokenOf(word), saysCountry + i, 3] as const),
  ),
};

/** The hook at which cities can be edited. */
export const knowingHook = "blocks.0.hook_resid_post";

const modelOf = (arrays: typeof weights): LanguageModel =>
  loadedModel({
    name: "knowing",
    source: {
      config,
      path: "memory",
      shapes: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
      read: async (name) => (arrays[name] as { data: Float32Array }).data,
      close: async () => {},
    },
    tokenizer: huggingFaceTokenizer(json, tokenizerConfig),
    identity: { weights: "set by hand" },
  });

/** The model. */
export const knowingModel = (): LanguageModel => modelOf(weights);

/** A x B, for matrices [rows, inner] and [inner, columns]. */
function product(a: Float32Array, b: Float32Array, inner: number): Float32Array {
  const [rows, columns] = [a.length / inner, b.length / inner];
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [row, column] = [Math.floor(at / columns), at % columns];
    return range(inner).reduce(
      (sum, k) => sum + (a[row * inner + k] as number) * (b[k * columns + column] as number),
      0,
    );
  });
}

/** A random orthogonal matrix that mixes the two blocks of a city: rows made orthogonal one after the other. */
function orthogonal(): Float32Array {
  const q = new Float32Array(dModel * dModel);
  const normal = fillNormal(key("rotation"), new Float32Array(dModel * dModel));
  const isMixed = (i: number): boolean => i >= countryBlock && i < readCountry;
  for (let row = 0; row < dModel; row++) {
    let v = range(dModel).map((i) => {
      if (!isMixed(row)) return Number(i === row);
      return isMixed(i) ? (normal[row * dModel + i] as number) : 0;
    });
    for (let before = 0; before < row; before++) {
      const u = q.subarray(before * dModel, (before + 1) * dModel);
      const along = v.reduce((sum, value, i) => sum + value * (u[i] as number), 0);
      v = v.map((value, i) => value - along * (u[i] as number));
    }
    const norm = Math.hypot(...v);
    q.set(
      v.map((value) => value / norm),
      row * dModel,
    );
  }
  return q;
}

/**
 * The same model in another basis of the stream: every number of a city's two blocks is a mixture of countries and languages. What the model computes is the
 * same, because norms whose scales are 1 do not see a rotation.
 */
export function rotatedKnowingModel(): LanguageModel {
  const q = orthogonal(); // [dModel, dModel], x becomes x q
  const transposed = Float32Array.from(q, (_, at) => q[(at % dModel) * dModel + Math.floor(at / dModel)] as number);
  return modelOf(
    Object.fromEntries(
      Object.entries(weights).map(([name, { shape, data }]) => {
        if (shape.length === 1) return [name, { shape, data }];
        const writes = /o_proj|down_proj/.test(name);
        return [name, { shape, data: writes ? product(transposed, data, dModel) : product(data, q, dModel) }];
      }),
    ),
  );
}

/** What belongs into the files of its folder, in Hugging Face layout. */
export const knowingFiles = { config, tokenizer: json, tokenizerConfig, weights };
