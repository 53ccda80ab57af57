/*
 * What stands at a hook for each prompt, computed once: the prefix of the model never runs again.
 *
 *   rows [Σ lengths, dModel]: the positions of the prompts, one prompt after the other
 */
import { type CompileOptions, SaeError } from "@sae/core";
import { compileForward, type LanguageModel } from "@sae/models";
import { inBatches } from "./inBatches.js";
import type { Prompt } from "./prompts.js";

/** A prompt as far as activations are concerned. */
export type PromptTokens = Pick<Prompt, "ids" | "position">;

/** Activations of prompts at a hook. */
export interface PromptActivations {
  readonly hook: string;
  readonly dModel: number;
  readonly prompts: readonly PromptTokens[];
  /** All positions of all prompts, row-major. */
  readonly rows: Float32Array;
}

/** How the activations are computed. */
export interface ActivationOptions extends CompileOptions {
  /** Prompts at once. Default 32. */
  readonly batch?: number;
  /** Told how far it is. */
  readonly onProgress?: (done: number) => void;
}

/** First row of each prompt, and the number of rows. */
const firstRows = (prompts: readonly PromptTokens[]): number[] => {
  const starts = [0];
  for (const { ids } of prompts) starts.push((starts[starts.length - 1] as number) + ids.length);
  return starts;
};

/**
 * Computes the activations of prompts at a hook.
 *
 * @throws SaeError `unknown_hook`
 */
export async function promptActivations(
  model: LanguageModel,
  hook: string,
  prompts: readonly PromptTokens[],
  { batch = 32, onProgress, ...options }: ActivationOptions = {},
): Promise<PromptActivations> {
  const { dModel } = model.sizes;
  const starts = firstRows(prompts);
  const rows = new Float32Array((starts[prompts.length] as number) * dModel);
  const program = await compileForward(model, { hooks: [hook], logits: false, ...options });
  let done = 0;
  try {
    for (const places of inBatches([...prompts.keys()], batch, (i) => (prompts[i] as PromptTokens).ids.length)) {
      const { at, lengths } = await program.run(places.map((i) => (prompts[i] as PromptTokens).ids));
      const { data, shape } = at[hook] as { data: Float32Array; shape: readonly number[] };
      const seq = shape[1] as number;
      places.forEach((i, row) => {
        const start = row * seq * dModel;
        rows.set(data.subarray(start, start + (lengths[row] as number) * dModel), (starts[i] as number) * dModel);
      });
      done += places.length;
      onProgress?.(done / prompts.length);
    }
  } finally {
    await program.dispose();
  }
  return { hook, dModel, prompts, rows };
}

/** Reads {@link PromptActivations} prompt by prompt. */
export interface ActivationReader {
  /** [length, dModel] of a prompt. */
  all(prompt: number): Float32Array;
  /** [prompts, dModel] at the entity of each prompt. */
  atEntity(prompts: readonly number[]): Float32Array;
}

/**
 * A reader of activations.
 *
 * @throws SaeError `shape_mismatch` when rows and prompts do not belong together
 */
export function readActivations({ prompts, rows, dModel }: PromptActivations): ActivationReader {
  const starts = firstRows(prompts);
  const expected = (starts[prompts.length] as number) * dModel;
  if (rows.length !== expected) {
    throw new SaeError(
      "shape_mismatch",
      `prompt activations: needed ${expected} numbers for ${prompts.length} prompts, got ${rows.length}; compute them again`,
    );
  }
  const rowsOf = (start: number, count: number) => rows.subarray(start * dModel, (start + count) * dModel);
  return {
    all: (prompt) => rowsOf(starts[prompt] as number, (prompts[prompt] as PromptTokens).ids.length),
    atEntity: (wanted) => {
      const out = new Float32Array(wanted.length * dModel);
      wanted.forEach((prompt, row) => {
        const { position } = prompts[prompt] as PromptTokens;
        out.set(rowsOf((starts[prompt] as number) + position, 1), row * dModel);
      });
      return out;
    },
  };
}
