import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, SaeError, toFloat32, writeFileAtomic, writeSafetensors } from "@sae/core";
import { architectures } from "./architectures.js";
import { type AnySae, type AnySaeWithInference, hasOwnInference, type SaeSizes } from "./defineSae.js";
import { parseConfig } from "./parseConfig.js";
import { variants } from "./variants/index.js";

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
  | { readonly kind: "threshold" }
  /** As the variant's own `inference.encode` says, with these options of it. */
  | {
      readonly kind: "variant";
      readonly variant: AnySaeWithInference;
      readonly config: Readonly<Record<string, unknown>>;
    };

/** An SAE that can be used: on raw activations, whatever it was trained on. */
export interface Sae {
  readonly dModel: number;
  readonly dSae: number;
  readonly activation: Activation;
  readonly weights: SaeWeights;
}

/** Shape of each tensor of an SAE. A parameter that only the training of a variant knows is one row. */
export function weightShapes({ dModel, dSae, activation, weights }: Sae): Record<string, readonly number[]> {
  const extra = activation.kind === "variant" ? extraShapes(activation, { dModel, dSae }) : {};
  const shapes: Record<string, readonly number[]> = { W_enc: [dModel, dSae], W_dec: [dSae, dModel], ...extra };
  return Object.fromEntries(Object.entries(weights).map(([name, { length }]) => [name, shapes[name] ?? [length]]));
}

const extraShapes = (
  { variant, config }: { readonly variant: AnySae; readonly config: unknown },
  sizes: SaeSizes,
): Record<string, readonly number[]> =>
  Object.fromEntries(
    Object.entries(variant.extraParams?.(sizes, config) ?? {}).map(([name, { shape }]) => [name, shape]),
  );

/**
 * Writes `cfg.json` and `sae_weights.safetensors` as SAELens reads them (v6 layout). BatchTopK and Matryoshka SAEs become JumpReLU SAEs with their
 * calibrated threshold. An SAE of a variant with an inference encoder of its own has that variant's name as its architecture, and its options as
 * `variant_config`: `loadSae` reads it, SAELens does not.
 */
export async function saveSae(folder: string, sae: Sae, metadata: Record<string, unknown> = {}): Promise<void> {
  const { dModel, dSae, activation, weights } = sae;
  await mkdir(folder, { recursive: true });
  const tensors = Object.fromEntries(
    Object.entries(weightShapes(sae)).map(([name, shape]) => [
      name,
      { dtype: "float32" as const, shape, data: weights[name] },
    ]),
  );
  await writeSafetensors(join(folder, "sae_weights.safetensors"), tensors);
  const config = {
    architecture: activation.kind === "variant" ? activation.variant.name : architectures[activation.kind],
    ...(activation.kind === "variant" && { variant_config: activation.config }),
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
 * Reads a SAELens folder (architectures standard, topk, jumprelu), or what `saveSae` wrote. What SAELens leaves to run time is folded into the
 * weights: an encoder that does not subtract b_dec, and TopK selection by decoder norm.
 *
 * @param known variants with an inference encoder of their own whose SAEs may be met, besides those of this package
 * @throws SaeError `file_not_found`, `bad_json`, `bad_config`, `unsupported_architecture`, `unsupported_normalization`, `shape_mismatch`
 */
export async function loadSae(folder: string, known: readonly AnySae[] = []): Promise<Sae> {
  const config = await readConfig(join(folder, "cfg.json"));
  const { tensors } = await readSafetensors(join(folder, "sae_weights.safetensors"));
  const { d_in: dModel, d_sae: dSae } = config;
  const weights = Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => [name, toFloat32(tensor)]),
  ) as SaeWeights;
  const activation = activationOf(config, weights, known, folder);
  const shapes = {
    W_enc: [dModel, dSae],
    b_enc: [dSae],
    W_dec: [dSae, dModel],
    b_dec: [dModel],
    ...(activation.kind === "threshold" && { threshold: [dSae] }),
    ...(activation.kind === "variant" && extraShapes(activation, { dModel, dSae })),
  };
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (weights[name]?.length !== size) {
      throw new SaeError(
        "shape_mismatch",
        `loadSae: '${name}' needed ${size} elements for d_in ${dModel} and d_sae ${dSae}, got ${weights[name]?.length ?? "no such tensor"} in ${folder}; do its cfg.json and weights belong together?`,
      );
    }
  }
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
  // A decoder row of zeros stays one, and its latent, which weighs nothing in the selection, is never active.
  return {
    ...weights,
    W_enc: weights.W_enc.map((value, i) => value * norms[i % dSae]),
    b_enc: b_enc.map((value, j) => value * norms[j]),
    W_dec: weights.W_dec.map((value, i) => value / (norms[Math.floor(i / dModel)] || 1)),
  };
}

interface SaeLensConfig {
  readonly architecture: string;
  readonly d_in: number;
  readonly d_sae: number;
  readonly k?: number;
  /** Ours: options of a variant with an inference encoder of its own. */
  readonly variant_config?: unknown;
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

function activationOf(
  { architecture, k, variant_config }: SaeLensConfig,
  weights: SaeWeights,
  known: readonly AnySae[],
  folder: string,
): Activation {
  if (architecture === architectures.relu) return { kind: "relu" };
  if (architecture === architectures.topk && k !== undefined) return { kind: "topk", k };
  if (architecture === architectures.threshold && weights.threshold) return { kind: "threshold" };
  const named = [...known, ...variants].filter(hasOwnInference);
  const variant = named.find(({ name }) => name === architecture);
  if (variant) {
    const config = parseConfig(
      variant.config,
      variant_config,
      `loadSae: variant_config of '${architecture}' in ${folder}`,
    );
    return { kind: "variant", variant, config: config as Readonly<Record<string, unknown>> };
  }
  const readable = [
    "standard",
    "topk (with k)",
    "jumprelu (with a threshold tensor)",
    ...named.map(({ name }) => name),
  ];
  const last = readable.pop();
  throw new SaeError(
    "unsupported_architecture",
    `loadSae: needed architecture ${readable.join(", ")} or ${last}, got '${architecture}' in ${folder}; a variant with an encoder of its own is read when loadSae is given it`,
  );
}
