/*
 * How far passes over a language model are from their matrix products.
 *
 *   tokens  batch · seq     W [out, in], a matrix of the model     x [tokens, in]
 */
import { type CompileOptions, compile, fillNormal, float32, fold, key, matmul, slice } from "@sae/core";
import { compileForward, familyOf, type LanguageModel, loadedModel, localShards } from "@sae/models";

/** A language model to time, with random weights of its shape. */
export interface ModelPerfShape {
  readonly name: string;
  /** As in a Hugging Face config.json. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly batch: number;
  readonly seq: number;
  /** Whether a training step is timed, too. */
  readonly trains: boolean;
}

/** The model that is trained here, and two blocks of TinyLlama: all of its blocks are alike. */
export const modelPerfShapes: readonly ModelPerfShape[] = [
  {
    name: "llama-256x6",
    config: {
      model_type: "llama",
      hidden_size: 256,
      intermediate_size: 704,
      num_hidden_layers: 6,
      num_attention_heads: 4,
      num_key_value_heads: 2,
      head_dim: 64,
      vocab_size: 4096,
      max_position_embeddings: 256,
      tie_word_embeddings: true,
    },
    batch: 6,
    seq: 256,
    trains: true,
  },
  {
    name: "tinyllama-blocks",
    config: {
      model_type: "llama",
      hidden_size: 2048,
      intermediate_size: 5632,
      num_hidden_layers: 2,
      num_attention_heads: 32,
      num_key_value_heads: 4,
      vocab_size: 64,
      max_position_embeddings: 2048,
    },
    batch: 8,
    seq: 128,
    trains: false,
  },
];

/** Times of one model. */
export interface ModelTiming {
  readonly name: string;
  readonly tokens: number;
  /** Up to the last block's residual, as a harvest runs it. */
  readonly prefixMs: number;
  /** The matrix products of the blocks alone. */
  readonly prefixGemmMs: number;
  readonly prefixRatio: number;
  readonly tokensPerSecond: number;
  /** A gradient of the loss, and its products: three for each of the forward pass, the unembedding included. */
  readonly training: { readonly stepMs: number; readonly gemmMs: number; readonly ratio: number } | null;
}

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

function randomModel({ name, config }: ModelPerfShape): LanguageModel {
  const family = familyOf(config);
  const shapes: Readonly<Record<string, readonly number[]>> = family.weights(family.config.parse(config));
  const source = {
    config,
    path: name,
    shapes,
    read: async (weight: string) => {
      const size = shapes[weight].reduce((product, dim) => product * dim, 1);
      return fillNormal(fold(key("perf"), weight), new Float32Array(size)).map((value) => value / 50);
    },
    close: async () => {},
  };
  return loadedModel({ name, source, tokenizer: null, identity: {} });
}

/** A function that times the products x Wᵀ of these matrices, one after the other. Only a row of each leaves the session. */
async function startProducts(model: LanguageModel, names: readonly string[], tokens: number, options: CompileOptions) {
  const shapes: Readonly<Record<string, readonly number[]>> = model.family.weights(model.config);
  const widths = [...new Set(names.map((name) => shapes[name][1]))];
  const program = await compile(
    {
      ...Object.fromEntries(widths.map((width) => [`x${width}`, float32(tokens, width)])),
      ...Object.fromEntries(names.map((name) => [name, float32(...shapes[name])])),
    },
    (inputs) =>
      Object.fromEntries(
        names.map((name) => [
          `y.${name}`,
          slice(matmul(inputs[`x${shapes[name][1]}`], inputs[name], { transB: true }), 0, 0, 1),
        ]),
      ),
    options,
  );
  const feeds: Record<string, Float32Array> = {};
  for (const width of widths) feeds[`x${width}`] = fillNormal(key(width), new Float32Array(tokens * width));
  for (const name of names) feeds[name] = await model.weight(name);
  const timed = async () => {
    const start = performance.now();
    await program.run(feeds);
    return performance.now() - start;
  };
  return { timed, dispose: () => program.dispose() };
}

/** Runs both a few times in turns and takes medians. */
async function inTurns(rounds: number, pass: () => Promise<number>, floor: () => Promise<number>) {
  const [passes, floors]: [number[], number[]] = [[], []];
  await pass();
  await floor();
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor());
    passes.push(await pass());
  }
  return [median(passes), median(floors)] as const;
}

/** Times a prefix, and where the shape says so a gradient, beside their matrix products, in this process on one thread. */
export async function timeModel(shape: ModelPerfShape, rounds: number): Promise<ModelTiming> {
  const { name, batch, seq, trains } = shape;
  const options = { threads: 1 };
  const model = randomModel(shape);
  const { nLayers, dVocab } = model.sizes;
  const shapes: Readonly<Record<string, readonly number[]>> = model.family.weights(model.config);
  const inBlocks = Object.keys(shapes).filter((weight) => weight.includes(".layers.") && shapes[weight].length === 2);
  const texts = Array.from({ length: batch }, (_, row) =>
    Int32Array.from({ length: seq }, (_, i) => (row * 7 + i * 13) % dVocab),
  );
  const prefix = await compileForward(model, {
    hooks: [`blocks.${nLayers - 1}.hook_resid_post`],
    logits: false,
    ...options,
  });
  const products = await startProducts(model, inBlocks, batch * seq, options);
  const timedPrefix = async () => {
    const start = performance.now();
    await prefix.run(texts);
    return performance.now() - start;
  };
  const [prefixMs, prefixGemmMs] = await inTurns(rounds, timedPrefix, products.timed);
  await products.dispose();
  await prefix.dispose();
  const training = trains ? await timeGradient(model, inBlocks, texts, rounds, options) : null;
  await model.close();
  return {
    name,
    tokens: batch * seq,
    prefixMs,
    prefixGemmMs,
    prefixRatio: prefixMs / prefixGemmMs,
    tokensPerSecond: (batch * seq * 1000) / prefixMs,
    training,
  };
}

async function timeGradient(
  model: LanguageModel,
  inBlocks: readonly string[],
  texts: readonly Int32Array[],
  rounds: number,
  options: CompileOptions,
) {
  const { family, config } = model;
  const [rows, nCtx] = [texts.length, texts[0].length];
  const weights: Record<string, Float32Array> = {};
  for (const name of Object.keys(family.weights(config))) weights[name] = await model.weight(name);
  const runner = await localShards({ family, config, rows, nCtx }, options);
  const shard = Int32Array.from(texts.flatMap((text) => [...text, text[0]])); // [rows, nCtx + 1]
  const head = Object.keys(weights).find((name) => /lm_head|embed_tokens/.test(name)) as string;
  const products = await startProducts(model, [...inBlocks, head], rows * nCtx, options);
  const timed = async () => {
    const start = performance.now();
    await runner.run(weights, [shard]);
    return performance.now() - start;
  };
  const [stepMs, forwardMs] = await inTurns(rounds, timed, products.timed);
  await runner.dispose();
  await products.dispose();
  return { stepMs, gemmMs: 3 * forwardMs, ratio: stepMs / (3 * forwardMs) };
}
