/*
 * Language-model losses with the activations at a hook replaced.
 *
 *   tokens [batch, seq]     x, replacement [batch, seq, dModel]     crossEntropy, kl [batch, seq]: of predicting token t + 1 at position t
 */
import { type CompileOptions, float32, int64, tokenDivergences, tokenLosses } from "@sae/core";
import { type CutModel, compileForward, cut, type LanguageModel, norm, tokenBatch } from "@sae/models";
import type { LeftOut } from "./harvestFolder.js";

/** Contexts with their activations at the hook, and which positions count. */
export interface ContextBatch {
  readonly texts: readonly Int32Array[];
  /** [batch, seq, dModel], seq the longest text's length. */
  readonly x: Float32Array;
  readonly seq: number;
  /** [batch · seq]: 1 where the activation is replaced: where SAEs were trained, and not at special tokens or padding. */
  readonly replaced: Uint8Array;
}

/** What one intervention does to each context: sums over its counted positions, in nats. */
interface ContextSums {
  readonly crossEntropy: number[];
  readonly kl: number[];
}

/** A model cut at a hook, ready to measure interventions there. */
export interface Splicer {
  /** Activations of contexts, and where they will be replaced. */
  activations(texts: readonly Int32Array[]): Promise<ContextBatch>;
  /** Losses with `replacement` [batch, seq, dModel] in place of x, at the positions to replace; x itself gives the clean losses. */
  losses(batch: ContextBatch, replacement: Float32Array): Promise<ContextSums>;
  /** Counted positions of each context: replaced ones that predict a token. */
  positions(batch: ContextBatch): number[];
  dispose(): Promise<void>;
}

const nothingLeftOut: LeftOut = { skipPositions: 0, largestNorm: Number.POSITIVE_INFINITY };

/** The program that measures: a suffix of `replacement`, and the clean one of x. */
export const compileLosses = (at: CutModel, dModel: number) =>
  at.compile(
    { replacement: float32("batch", "seq", dModel), targets: int64("batch", "seq") },
    ({ x, inputs, suffix }) => {
      const modified = suffix(inputs.replacement); // [batch, seq, dVocab]
      return {
        crossEntropy: tokenLosses(modified, inputs.targets), // [batch, seq]
        kl: tokenDivergences(suffix(x), modified), // [batch, seq]
      };
    },
  );

/**
 * Cuts a model for splicing. Special tokens and what is left out keep their activations and are not counted, neither is the last position, which
 * predicts nothing.
 *
 * @param options those of core's `compile`; all cores are used when `threads` is left out
 * @throws SaeError `unknown_hook`
 */
export async function openSplicer(
  model: LanguageModel,
  hook: string,
  { leftOut = nothingLeftOut, ...options }: CompileOptions & { readonly leftOut?: LeftOut } = {},
): Promise<Splicer> {
  const special = model.tokenizer?.special ?? new Set<number>();
  const { dModel } = model.sizes;
  const prefix = await compileForward(model, { hooks: [hook], logits: false, ...options });
  const at = cut(model, hook, options);
  const program = await compileLosses(at, dModel);
  const counted = ({ texts, replaced, seq }: ContextBatch, row: number): number[] =>
    Array.from({ length: Math.max(0, texts[row].length - 1) }, (_, t) => t).filter(
      (t) => replaced[row * seq + t] === 1,
    );
  return {
    activations: async (texts) => {
      const { at: found } = await prefix.run(texts);
      const x = found[hook].data as Float32Array;
      const seq = found[hook].shape[1];
      const replaced = new Uint8Array(texts.length * seq);
      texts.forEach((text, row) => {
        text.forEach((token, t) => {
          const place = row * seq + t;
          const isOrdinary = () => norm(x.subarray(place * dModel, (place + 1) * dModel)) <= leftOut.largestNorm;
          if (!special.has(token) && t >= leftOut.skipPositions && isOrdinary()) replaced[place] = 1;
        });
      });
      return { texts, x, seq, replaced };
    },
    losses: async (batch, replacement) => {
      const { texts, x, seq, replaced } = batch;
      const inserted = x.slice();
      replaced.forEach((is, at) => {
        if (is) inserted.set(replacement.subarray(at * dModel, (at + 1) * dModel), at * dModel);
      });
      const shape = [texts.length, seq, dModel];
      const { tokens } = tokenBatch(texts, model.sizes);
      // The last position and padding have no next token; what is computed there is not counted.
      const targets = BigInt64Array.from({ length: texts.length * seq }, (_, at) =>
        (at + 1) % seq === 0 ? 0n : (tokens.data as BigInt64Array)[at + 1],
      );
      const { crossEntropy, kl } = await program.run({
        tokens,
        targets: { data: targets, shape: tokens.shape },
        x: { data: x, shape },
        replacement: { data: inserted, shape },
      });
      const sums = (losses: ArrayLike<number | bigint>) =>
        texts.map((_, row) => counted(batch, row).reduce((total, t) => total + Number(losses[row * seq + t]), 0));
      return { crossEntropy: sums(crossEntropy.data), kl: sums(kl.data) };
    },
    positions: (batch) => batch.texts.map((_, row) => counted(batch, row).length),
    dispose: async () => {
      await prefix.dispose();
      await program.dispose();
      await at.dispose();
    },
  };
}
