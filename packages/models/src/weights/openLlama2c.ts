/*
 * Checkpoints of llama2.c (https://github.com/karpathy/llama2.c, `legacy_export` in export.py), little-endian:
 *
 *   7 × int32   dim, hidden_dim, n_layers, n_heads, n_kv_heads, vocab_size, seq_len; a negative vocab_size says that the head is not tied
 *   float32     token_embedding [vocab, dim]
 *               attention_norm [layers, dim]      wq [layers, dim, dim]     wk, wv [layers, kv, dim]     wo [layers, dim, dim]
 *               ffn_norm [layers, dim]            w1 [layers, hidden, dim]  w2 [layers, dim, hidden]     w3 [layers, hidden, dim]
 *               norm [dim]                        two tables of the rotary embedding [seq_len, dHead/2]  head [vocab, dim] if not tied
 *
 * with kv = n_kv_heads · dHead and dHead = dim / n_heads. Rotary pairs are interleaved.
 */
import { openToRead, readFully, SaeError, truncated } from "@sae/core";
import { interleavedRow, orderRows } from "./rotaryRows.js";
import { tensorNotFound } from "./tensorNotFound.js";
import type { WeightSource } from "./weightSource.js";

const HEADER_BYTES = 28;
/** First number of the later formats of llama2.c. */
const LATER_MAGIC = 0x616b3432;

interface Llama2cSizes {
  readonly dim: number;
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly vocab: number;
  readonly tied: boolean;
  readonly seq: number;
}

interface Llama2cTensor {
  readonly shape: readonly number[];
  readonly byteOffset: number;
  readonly rotary: boolean;
}

/**
 * Opens a checkpoint of llama2.c in its first, float32 format. Names and layout are those of a Hugging Face llama.
 *
 * @throws SaeError `file_not_found`, `read_failed`, `file_truncated`, `bad_header`, `unsupported_version`
 */
export async function openLlama2c(path: string): Promise<WeightSource> {
  const what = `open ${path}`;
  const handle = await openToRead(path, "open llama2.c");
  try {
    const { size } = await handle.stat();
    const header = new Uint8Array(HEADER_BYTES);
    if (size < HEADER_BYTES) throw truncated(what, HEADER_BYTES, size);
    await readFully(handle, header, 0, what);
    const sizes = parseSizes(header, what);
    const { tensors, end } = layout(sizes);
    if (size < end) throw truncated(what, end, size);
    if (size > end) throw badHeader(what, `needed ${end} bytes for the sizes in the header, got ${size}`);
    const dHead = sizes.dim / sizes.heads;
    return {
      config: configOf(sizes),
      path,
      shapes: Object.fromEntries([...tensors].map(([name, { shape }]) => [name, shape])),
      async read(name) {
        const tensor = tensors.get(name);
        if (tensor === undefined) throw tensorNotFound(path, name, [...tensors.keys()]);
        const { shape, byteOffset, rotary } = tensor;
        const values = new Float32Array(shape.reduce((product, n) => product * n, 1));
        await readFully(handle, new Uint8Array(values.buffer), byteOffset, `read ${path}`);
        return rotary ? orderRows(values, shape[0], (row) => interleavedRow(row, dHead)) : values;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function parseSizes(header: Uint8Array, what: string): Llama2cSizes {
  const view = new DataView(header.buffer);
  if (view.getUint32(0, true) === LATER_MAGIC) {
    const version = view.getInt32(4, true);
    throw new SaeError(
      "unsupported_version",
      `${what}: needed the first format of llama2.c, got version ${version}; export it with --version 0`,
    );
  }
  const [dim, hidden, layers, heads, kvHeads, signedVocab, seq] = [0, 1, 2, 3, 4, 5, 6].map((i) =>
    view.getInt32(4 * i, true),
  );
  const vocab = Math.abs(signedVocab);
  const sizes = { dim, hidden, layers, heads, kvHeads, vocab, tied: signedVocab > 0, seq };
  const positive = [dim, hidden, layers, heads, kvHeads, vocab, seq].every((n) => n > 0);
  if (!positive || dim % heads !== 0 || heads % kvHeads !== 0 || (dim / heads) % 2 !== 0) {
    throw badHeader(what, `needed sizes of a transformer, got ${JSON.stringify(sizes)}`);
  }
  return sizes;
}

function layout(sizes: Llama2cSizes): { tensors: ReadonlyMap<string, Llama2cTensor>; end: number } {
  const { dim, hidden, layers, heads, kvHeads, vocab, tied, seq } = sizes;
  const kv = (dim / heads) * kvHeads;
  const tensors = new Map<string, Llama2cTensor>();
  let byteOffset = HEADER_BYTES;
  const add = (name: string, shape: readonly number[], rotary = false): void => {
    tensors.set(name, { shape, byteOffset, rotary });
    byteOffset += 4 * shape.reduce((product, n) => product * n, 1);
  };
  const addLayers = (name: string, shape: readonly number[], rotary = false): void => {
    for (let layer = 0; layer < layers; layer++) add(`model.layers.${layer}.${name}.weight`, shape, rotary);
  };
  add("model.embed_tokens.weight", [vocab, dim]);
  addLayers("input_layernorm", [dim]);
  addLayers("self_attn.q_proj", [dim, dim], true);
  addLayers("self_attn.k_proj", [kv, dim], true);
  addLayers("self_attn.v_proj", [kv, dim]);
  addLayers("self_attn.o_proj", [dim, dim]);
  addLayers("post_attention_layernorm", [dim]);
  addLayers("mlp.gate_proj", [hidden, dim]);
  addLayers("mlp.down_proj", [dim, hidden]);
  addLayers("mlp.up_proj", [hidden, dim]);
  add("model.norm.weight", [dim]);
  byteOffset += 4 * seq * (dim / heads); // the two tables: cosines and sines, which follow from the sizes
  if (!tied) add("lm_head.weight", [vocab, dim]);
  return { tensors, end: byteOffset };
}

const configOf = (sizes: Llama2cSizes): Record<string, unknown> => ({
  model_type: "llama",
  hidden_size: sizes.dim,
  intermediate_size: sizes.hidden,
  num_hidden_layers: sizes.layers,
  num_attention_heads: sizes.heads,
  num_key_value_heads: sizes.kvHeads,
  head_dim: sizes.dim / sizes.heads,
  vocab_size: sizes.vocab,
  max_position_embeddings: sizes.seq,
  rms_norm_eps: 1e-5,
  rope_theta: 10_000,
  hidden_act: "silu",
  attention_bias: false,
  mlp_bias: false,
  tie_word_embeddings: sizes.tied,
  bos_token_id: 1,
  eos_token_id: 2,
});

const badHeader = (what: string, detail: string): SaeError =>
  new SaeError("bad_header", `${what}: ${detail}; this is no checkpoint of llama2.c`);
