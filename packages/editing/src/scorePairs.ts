import { type CompileOptions, SaeError } from "@sae/core";
import { compileGenerator, type LanguageModel } from "@sae/models";
import { defaultNewTokens } from "./completePrompts.js";
import { inBatches } from "./inBatches.js";
import { isRight } from "./isRight.js";
import type { KnownPrompt } from "./knownPrompts.js";
import type { EditPair } from "./pairs.js";

/** Completes edited prompts and judges what comes out. */
export interface PairScorer {
  /**
   * 1 for each pair whose completion is right, 0 for the others.
   *
   * @param x what stands at the entity of each base prompt [pairs, dModel]
   */
  score(pairs: readonly EditPair[], x: Float32Array): Promise<Float32Array>;
  /** Frees the programs. */
  dispose(): Promise<void>;
}

/** Whether a completion of a pair's base prompt is what the pair is for. */
const isRightFor = ({ asked, label, base }: EditPair, prompts: readonly KnownPrompt[], completion: string): boolean =>
  isRight({ attribute: asked, prompt: (prompts[base] as KnownPrompt).text, label, completion });

/** The scores when nothing is edited: what the model said about the base prompts is judged again. */
export const scoreUnedited = (pairs: readonly EditPair[], prompts: readonly KnownPrompt[]): Float32Array =>
  Float32Array.from(pairs, (pair) => Number(isRightFor(pair, prompts, (prompts[pair.base] as KnownPrompt).completion)));

/**
 * Compiles greedy completion of prompts with an edit at the entity, which stays there while the completion is written.
 *
 * @throws SaeError `unknown_hook`, `no_tokenizer`
 */
export async function openPairScorer(
  model: LanguageModel,
  hook: string,
  prompts: readonly KnownPrompt[],
  {
    newTokens = defaultNewTokens,
    batch = 32,
    ...options
  }: CompileOptions & { readonly newTokens?: number; readonly batch?: number } = {},
): Promise<PairScorer> {
  const { tokenizer } = model;
  if (tokenizer === null) {
    throw new SaeError("no_tokenizer", `score: needed the tokenizer of ${model.name}, got a model without one`);
  }
  const { dModel } = model.sizes;
  const generator = await compileGenerator(model, { editHook: hook, ...options });
  const baseOf = ({ base }: EditPair) => prompts[base] as KnownPrompt;
  return {
    score: async (pairs, x) => {
      const scores = new Float32Array(pairs.length);
      const lengthOf = (i: number) => baseOf(pairs[i] as EditPair).ids.length;
      for (const places of inBatches([...pairs.keys()], batch, lengthOf)) {
        const chunk = places.map((i) => pairs[i] as EditPair);
        const vectors = new Float32Array(chunk.length * dModel);
        places.forEach((i, row) => {
          vectors.set(x.subarray(i * dModel, (i + 1) * dModel), row * dModel);
        });
        const written = await generator.run(
          chunk.map((pair) => baseOf(pair).ids),
          {
            maxNewTokens: newTokens,
            ...(tokenizer.eos !== null && { stop: [tokenizer.eos] }),
            edits: { positions: chunk.map((pair) => baseOf(pair).position), x: vectors },
            // Most edits give the answer that they are for, or change nothing.
            guesses: chunk.map((pair) => [pair.answer, baseOf(pair).answer]),
          },
        );
        places.forEach((i, row) => {
          const completion = tokenizer.decode(written[row] as number[]);
          scores[i] = Number(isRightFor(chunk[row] as EditPair, prompts, completion));
        });
      }
      return scores;
    },
    dispose: generator.dispose,
  };
}
