import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, SaeError, toFloat32, writeFileAtomic, writeSafetensors } from "@sae/core";

/**
 * Parameters of one SAE as plain arrays, row-major: `W_enc [dModel, dSae]`, `b_enc [dSae]`, `W_dec [dSae, dModel]`, `b_dec [dModel]`, and what
 * the variant adds (`threshold [dSae]`).
 */
export interface SaeWeights {
  W_enc: Float32Array;
  b_enc: Float32Array;
  W_dec: Float32Array;
  b_dec: Float32Array;
  [name: string]: Float32Array;
}

/** How an SAE chooses its active latents when it is used. */
export type Activation =
  | { readonly kind: "relu" }
  | { readonly kind: "topk"; readonly k: number }
  /** Active where pre > `threshold` (a tensor of the weights, one value per latent), and positive. */
  | { readonly kind: "threshold" };

/** An SAE that can be used: on raw activations, whatever it was trained on. */
export interface Sae {
  readonly dModel: number;
  readonly dSae: number;
  readonly activation: Activation;
  readonly weights: SaeWeights;
}

/** SAELens's name of each kind of activation. */
const architectures = { relu: "standard", topk: "topk", threshold: "jumprelu" } as const;

/**
 * Writes `cfg.json` and `sae_weights.safetensors` as SAELens reads them (v6 layout). BatchTopK and Matryoshka SAEs become JumpReLU SAEs with their
 * calibrated threshold.
 */
export async function saveSae(folder: string, sae: Sae, metadata: Record<string, unknown> = {}): Promise<void> {
  const { dModel, dSae, activation, weights } = sae;
  await mkdir(folder, { recursive: true });
  const shapes: Record<string, readonly number[]> = { W_enc: [dModel, dSae], W_dec: [dSae, dModel], b_dec: [dModel] };
  const tensors = Object.fromEntries(
    Object.entries(weights).map(([name, data]) => [
      name,
      { dtype: "float32" as const, shape: shapes[name] ?? [dSae], data },
    ]),
  );
  await writeSafetensors(join(folder, "sae_weights.safetensors"), tensors);
  const config = {
    architecture: architectures[activation.kind],
    ...(activation.kind === "topk" && { k: activation.k, rescale_acts_by_decoder_norm: false }),
    d_in: dModel,
    d_sae: dSae,
    dtype: "float32",
    device: "cpu",
    apply_b_dec_to_input: true,
    normalize_activations: "none",
    reshape_activations: "none",
    metadata,
  };
  await writeFileAtomic(join(folder, "cfg.json"), `${JSON.stringify(config, null, 2)}\n`);
}

/**
 * Reads a SAELens folder (architectures standard, topk, jumprelu). What SAELens leaves to run time is folded into the weights: an encoder that does
 * not subtract b_dec, and TopK selection by decoder norm.
 *
 * @throws SaeError `file_not_found`, `bad_json`, `unsupported_architecture`, `unsupported_normalization`, `shape_mismatch`
 */
export async function loadSae(folder: string): Promise<Sae> {
  const config = await readConfig(join(folder, "cfg.json"));
  const { tensors } = await readSafetensors(join(folder, "sae_weights.safetensors"));
  const { d_in: dModel, d_sae: dSae, architecture, k } = config;
  const weights = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]),
  ) as SaeWeights;
  for (const [name, size] of Object.entries({
    W_enc: dModel * dSae,
    b_enc: dSae,
    W_dec: dModel * dSae,
    b_dec: dModel,
  })) {
    if (weights[name]?.length !== size) {
      throw new SaeError(
        "shape_mismatch",
        `loadSae: '${name}' needed ${size} elements for d_in ${dModel} and d_sae ${dSae}, got ${weights[name]?.length ?? "no such tensor"} in ${folder}`,
      );
    }
  }
  const activation = activationOf(architecture, k, weights, folder);
  return { dModel, dSae, weights: folded(config, weights, folder), activation };
}

/** Weights that give the same codes and reconstructions when b_dec is subtracted from the input and nothing is rescaled. */
function folded(config: SaeLensConfig, weights: SaeWeights, folder: string): SaeWeights {
  const { d_in: dModel, d_sae: dSae, normalize_activations: normalization = "none" } = config;
  if (normalization !== "none") {
    throw new SaeError(
      "unsupported_normalization",
      `loadSae: needed normalize_activations none, got '${normalization}' in ${folder}; fold the scale into the weights with SAELens and save again`,
    );
  }
  const b_enc = weights.b_enc.slice();
  if (config.apply_b_dec_to_input === false) {
    for (let d = 0; d < dModel; d++) {
      for (let j = 0; j < dSae; j++) b_enc[j] += weights.b_dec[d] * weights.W_enc[d * dSae + j];
    }
  }
  if (config.rescale_acts_by_decoder_norm !== true) return { ...weights, b_enc };
  const norms = Float32Array.from({ length: dSae }, (_, j) =>
    Math.hypot(...weights.W_dec.subarray(j * dModel, (j + 1) * dModel)),
  );
  return {
    ...weights,
    W_enc: weights.W_enc.map((value, i) => value * norms[i % dSae]),
    b_enc: b_enc.map((value, j) => value * norms[j]),
    W_dec: weights.W_dec.map((value, i) => value / norms[Math.floor(i / dModel)]),
  };
}

interface SaeLensConfig {
  readonly architecture: string;
  readonly d_in: number;
  readonly d_sae: number;
  readonly k?: number;
  readonly apply_b_dec_to_input?: boolean;
  readonly normalize_activations?: string;
  readonly rescale_acts_by_decoder_norm?: boolean;
}

async function readConfig(path: string): Promise<SaeLensConfig> {
  const text = await readFile(path, "utf8").catch((cause: unknown) => {
    throw new SaeError(
      "file_not_found",
      `loadSae: needed ${path}, a SAELens configuration; name the folder that holds it`,
      { cause },
    );
  });
  try {
    return JSON.parse(text) as SaeLensConfig;
  } catch (cause) {
    throw new SaeError("bad_json", `loadSae: ${path} is not JSON; was it cut short?`, { cause });
  }
}

function activationOf(architecture: string, k: number | undefined, weights: SaeWeights, folder: string): Activation {
  if (architecture === "standard") return { kind: "relu" };
  if (architecture === "topk" && k !== undefined) return { kind: "topk", k };
  if (architecture === "jumprelu" && weights.threshold) return { kind: "threshold" };
  throw new SaeError(
    "unsupported_architecture",
    `loadSae: needed architecture standard, topk (with k) or jumprelu (with a threshold tensor), got '${architecture}' in ${folder}`,
  );
}
