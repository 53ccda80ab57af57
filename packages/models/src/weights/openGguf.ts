import { openToRead, readFully, SaeError } from "@sae/core";
import { f32 } from "./ggml/f32.js";
import { ggmlTypes } from "./ggml/types.js";
import type { GgufHeader, GgufTensorInfo, GgufValue } from "./gguf/decodeGgufHeader.js";
import type { GgufArchitecture, GgufTarget } from "./gguf/ggufArchitecture.js";
import { ggufArchitectures } from "./gguf/ggufArchitectures.js";
import { type GgufFacts, ggufFacts } from "./gguf/ggufFacts.js";
import { readGgufHeader, tensorBytes } from "./gguf/readGgufHeader.js";
import { orderRows } from "./rotaryRows.js";
import { tensorNotFound } from "./tensorNotFound.js";
import type { WeightSource } from "./weightSource.js";

/** A GGUF file: weights, and what else is in its metadata. */
export interface GgufWeights extends WeightSource {
  /** All metadata by key. 64-bit integers are numbers while those are exact, else bigint. */
  readonly metadata: Readonly<Record<string, GgufValue>>;
  /** The metadata whose keys begin with `tokenizer.`: `tokenizer.ggml.model`, `tokenizer.ggml.tokens`, …; null when the file has no tokenizer. */
  readonly tokenizer: Readonly<Record<string, GgufValue>> | null;
  /** ggml type of each weight, by Hugging Face name: "F32", "Q4_K", … */
  readonly types: Readonly<Record<string, string>>;
}

/** Factors of the rotary frequencies: no weight of the checkpoint, but a part of its config. */
const ROPE_FACTORS = "rope_freqs.weight";

/** Tensors that follow from the config. */
const derived = /^(rope_freqs\.weight|blk\.\d+\.attn_rot_embd(\.weight)?)$/;

/**
 * Opens a GGUF file. Names, layouts and config are turned into those of the Hugging Face checkpoint that it was made from; values are decoded to
 * float32 when a weight is read.
 *
 * @throws SaeError `file_not_found`, `read_failed`, `file_truncated`, `bad_header`, `unsupported_version`, `unsupported_dtype`,
 *   `unsupported_architecture`, `unsupported_file` (one of several files), `unsupported_config`, `bad_metadata`, `unknown_tensor`
 */
export async function openGguf(path: string): Promise<GgufWeights> {
  const what = `open ${path}`;
  const handle = await openToRead(path, "open GGUF");
  try {
    const header = await readGgufHeader(handle, what);
    const { metadata } = header;
    const architecture = architectureOf(metadata, what);

    async function values(info: GgufTensorInfo): Promise<Float32Array> {
      const type = ggmlTypes[typeIndex(info)];
      const bytes = new Uint8Array(tensorBytes(info.shape, info.type));
      await readFully(handle, bytes, header.dataOffset + info.offset, `read ${path}`);
      if (type === f32) return new Float32Array(bytes.buffer);
      const out = new Float32Array((bytes.length / type.blockBytes) * type.blockValues);
      type.dequantize(bytes, out);
      return out;
    }

    const factors = header.tensors.get(ROPE_FACTORS);
    const facts = ggufFacts(header, architecture.name, factors ? await values(factors) : null, what);
    const config = architecture.config(facts);
    const weights = weightsOf(header, architecture, facts);
    const tokenizer = Object.entries(metadata).filter(([key]) => key.startsWith("tokenizer."));
    return {
      config,
      path,
      metadata,
      tokenizer: tokenizer.length > 0 ? Object.fromEntries(tokenizer) : null,
      types: Object.fromEntries([...weights].map(([name, { info }]) => [name, ggmlTypes[typeIndex(info)].name])),
      shapes: Object.fromEntries([...weights].map(([name, { shape }]) => [name, shape])),
      async read(name) {
        const weight = weights.get(name);
        if (weight === undefined) throw tensorNotFound(path, name, [...weights.keys()]);
        return changed(await values(weight.info), weight);
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

const typeIndex = ({ type }: GgufTensorInfo): number => ggmlTypes.findIndex(({ id }) => id === type);

function architectureOf(metadata: Readonly<Record<string, GgufValue>>, what: string): GgufArchitecture {
  const name = metadata["general.architecture"];
  const files = metadata["split.count"] ?? 1;
  if (typeof files === "number" && files > 1) {
    throw new SaeError(
      "unsupported_file",
      `${what}: needed a model in one file, got one of ${files}; join them with llama-gguf-split --merge`,
    );
  }
  const architecture = ggufArchitectures.find((candidate) => candidate.name === name);
  if (architecture === undefined) {
    const known = ggufArchitectures.map((candidate) => candidate.name).join(", ");
    throw new SaeError(
      "unsupported_architecture",
      `${what}: needed a model of architecture ${known}, got ${name ?? "none"}; use another model`,
    );
  }
  return architecture;
}

/** A weight and the tensor it is made from. */
interface GgufWeight extends Omit<GgufTarget, "to"> {
  readonly info: GgufTensorInfo;
  /** Of the weight. */
  readonly shape: readonly number[];
}

/** The weights by Hugging Face name. */
function weightsOf(header: GgufHeader, architecture: GgufArchitecture, facts: GgufFacts): Map<string, GgufWeight> {
  const targets = architecture.tensors(facts);
  const weights = new Map<string, GgufWeight>();
  for (const [name, info] of header.tensors) {
    if (derived.test(name)) continue;
    const [, stem, kind] = /^(.+)\.(weight|bias)$/.exec(name) ?? [];
    const layer = /^blk\.(\d+)\./.exec(name)?.[1] ?? "";
    const target = stem === undefined ? undefined : targets[stem.replace(`blk.${layer}.`, "blk.#.")];
    if (target === undefined) {
      throw new SaeError(
        "unknown_tensor",
        `${facts.what}: needed tensors of architecture ${architecture.name} only, got ${name}; it cannot be left out of the model`,
      );
    }
    const { to, row, transposed, plus } = typeof target === "string" ? { to: target } : target;
    const ofWeight = kind === "weight" && { transposed, plus };
    const shape = ofWeight && transposed ? info.shape.toReversed() : info.shape;
    weights.set(`${to.replace("#", layer)}.${kind}`, { info, shape, row, ...ofWeight });
  }
  return weights;
}

/** The tensor's values as the checkpoint has them. */
function changed(values: Float32Array, { info, row, transposed, plus }: GgufWeight): Float32Array {
  if (plus !== undefined) for (let i = 0; i < values.length; i++) values[i] += plus;
  if (row) return orderRows(values, info.shape[0], row);
  return transposed ? transpose(values, info.shape[0], info.shape[1]) : values;
}

/** [rows, columns] → [columns, rows] */
function transpose(values: Float32Array, rows: number, columns: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) out[column * rows + row] = values[row * columns + column];
  }
  return out;
}
