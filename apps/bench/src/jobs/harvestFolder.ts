import { join } from "node:path";
import { readSafetensors, SaeError, writeSafetensors } from "@sae/core";
import { readManifest } from "@sae/models";
import type { ModelIdentity } from "./languageModelInput.js";

/** What a harvest keeps for evaluations in the language model: contexts that no SAE is trained on. */
export interface KeptForEvaluation {
  readonly model: ModelIdentity;
  readonly hook: string;
  /** Token ids, without padding. */
  readonly contexts: readonly Int32Array[];
  /** Mean activation at the hook over training rows [dModel]. */
  readonly mean: Float32Array;
}

/** Activations that no SAE was trained on. They stay as they are: how it would reconstruct them says nothing of it. */
export interface LeftOut {
  /** So many at the start of each context. */
  readonly skipPositions: number;
  /** Those of a larger norm. */
  readonly largestNorm: number;
}

/** The same, and what the harvest left out. */
export interface Evaluation extends KeptForEvaluation {
  readonly leftOut: LeftOut;
}

/** Folder of the activations in the folder of a harvest job. */
export const activationsOf = (folder: string): string => join(folder, "activations");

const file = (folder: string): string => join(folder, "evaluation.safetensors");

/** Leaves it in the folder of a harvest. */
export async function writeEvaluation(
  folder: string,
  { model, hook, contexts, mean }: KeptForEvaluation,
): Promise<void> {
  const longest = Math.max(0, ...contexts.map(({ length }) => length));
  const tokens = new Int32Array(contexts.length * longest).fill(-1); // [contexts, longest], -1 for padding
  for (const [i, context] of contexts.entries()) tokens.set(context, i * longest);
  await writeSafetensors(
    file(folder),
    {
      tokens: { dtype: "int32", shape: [contexts.length, longest], data: tokens },
      mean: { dtype: "float32", shape: [mean.length], data: mean },
    },
    { model: JSON.stringify(model), hook },
  );
}

/** Reads it back. */
export async function readEvaluation(folder: string): Promise<Evaluation> {
  const { tensors, metadata } = await readSafetensors(file(folder));
  const { tokens, mean } = tensors;
  if (!tokens || !mean || metadata.model === undefined || metadata.hook === undefined) {
    throw new SaeError("corrupt_result", `${file(folder)}: needed tokens and mean, got another file; harvest again`);
  }
  const [count, longest] = tokens.shape;
  const ids = tokens.data as Int32Array;
  const { config, norms } = await readManifest(activationsOf(folder));
  return {
    leftOut: {
      skipPositions: Number(config.skipPositions ?? 0),
      largestNorm: norms?.limit ?? Number.POSITIVE_INFINITY,
    },
    model: JSON.parse(metadata.model) as ModelIdentity,
    hook: metadata.hook,
    mean: mean.data as Float32Array,
    contexts: Array.from({ length: count }, (_, i) =>
      ids.slice(i * longest, (i + 1) * longest).filter((token) => token >= 0),
    ),
  };
}
