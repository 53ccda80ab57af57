/*
 * Features at the entity of each prompt, computed once and kept as lists of what is not zero.
 */
import { type CompileOptions, compile, type Feed, float32, SaeError, type Tensor, type TensorType } from "@sae/core";
import type { Featurizer } from "./featurizer.js";
import { type PromptActivations, readActivations } from "./promptActivations.js";

/** Features of prompts at their entities. */
export interface EntityFeatures {
  readonly dLatent: number;
  /** Prompt i has the entries [starts[i], starts[i + 1]). */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float32Array;
}

const rowsAtOnce = 64;

/** Inputs of a program for the weights of a featurizer: types and feeds by name. */
export function weightInputs({ weights }: Featurizer, prefix = "weight ") {
  const entries = Object.entries(weights);
  return {
    types: Object.fromEntries(entries.map(([name, { shape }]) => [prefix + name, float32(...shape)])),
    feeds: Object.fromEntries(entries.map(([name, { data }]): [string, Feed] => [prefix + name, data])),
    /** The weights by their own names, out of all arguments. */
    of: (args: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
      Object.fromEntries(entries.map(([name]) => [name, args[prefix + name] as Tensor])),
  };
}

/**
 * Checks that a featurizer is for these activations.
 *
 * @throws SaeError `shape_mismatch`
 */
export function checkFeaturizer({ name, dModel }: Featurizer, activations: { dModel: number; hook: string }): void {
  if (dModel === activations.dModel) return;
  throw new SaeError(
    "shape_mismatch",
    `${name}: needed features of ${activations.dModel} numbers, as many as the model has at ${activations.hook}, got an SAE of ${dModel}; ` +
      "use the model and the hook that it was trained on",
  );
}

/**
 * Encodes every prompt at its entity.
 *
 * @throws SaeError `shape_mismatch`
 */
export async function entityFeatures(
  featurizer: Featurizer,
  activations: PromptActivations,
  options: CompileOptions = {},
): Promise<EntityFeatures> {
  checkFeaturizer(featurizer, activations);
  const { dModel, dLatent } = featurizer;
  const weights = weightInputs(featurizer);
  const inputs: Record<string, TensorType> = { x: float32(rowsAtOnce, dModel), ...weights.types };
  const program = await compile(
    inputs,
    ({ x, ...args }) => ({ f: featurizer.encode(x as Tensor, weights.of(args)) }), // [rowsAtOnce, dLatent]
    { ...options, fixed: weights.feeds },
  );
  const reader = readActivations(activations);
  const starts = [0];
  const columns: number[] = [];
  const values: number[] = [];
  try {
    for (let at = 0; at < activations.prompts.length; at += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, activations.prompts.length - at);
      const x = new Float32Array(rowsAtOnce * dModel);
      x.set(reader.atEntity(Array.from({ length: count }, (_, i) => at + i)));
      const { f } = await program.run({ x });
      for (let row = 0; row < count; row++) {
        for (let j = 0; j < dLatent; j++) {
          const value = (f.data as Float32Array)[row * dLatent + j] as number;
          if (value === 0) continue;
          columns.push(j);
          values.push(value);
        }
        starts.push(columns.length);
      }
    }
  } finally {
    await program.dispose();
  }
  return {
    dLatent,
    starts: Int32Array.from(starts),
    columns: Int32Array.from(columns),
    values: Float32Array.from(values),
  };
}

/** Features of some prompts laid out: [prompts, dLatent]. */
export function denseFeatures(
  { dLatent, starts, columns, values }: EntityFeatures,
  prompts: readonly number[],
): Float32Array {
  const out = new Float32Array(prompts.length * dLatent);
  prompts.forEach((prompt, row) => {
    for (let at = starts[prompt] as number; at < (starts[prompt + 1] as number); at++) {
      out[row * dLatent + (columns[at] as number)] = values[at] as number;
    }
  });
  return out;
}

/** Features that are not zero for at least one of the prompts, in order. */
export function activeFeatures({ starts, columns }: EntityFeatures, prompts: Iterable<number>): number[] {
  const found = new Set<number>();
  for (const prompt of prompts) {
    for (let at = starts[prompt] as number; at < (starts[prompt + 1] as number); at++) found.add(columns[at] as number);
  }
  return [...found].sort((a, b) => a - b);
}
