/*
 * How far passes over a language model are from their matrix products.
 *
 *   tokens  batch · seq
 */
import type { CompileOptions } from "@sae/core";
import { compileForward, type LanguageModel, localShards } from "@sae/models";
import { type ModelPerfShape, randomModel, someTexts } from "./modelShapes.js";
import { blockRows, headRows, inTurns, startProducts, timing } from "./products.js";
import { type SuffixTiming, timeSuffix } from "./suffixTiming.js";

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
  /** Passes of evaluations over the second part of the model. */
  readonly suffix: SuffixTiming;
  /** A gradient of the loss, and its products: three for each of the forward pass, the unembedding included. */
  readonly training: { readonly stepMs: number; readonly gemmMs: number; readonly ratio: number } | null;
}

/** Times a prefix, two passes over a suffix, and where the shape says so a gradient, beside their matrix products, in this process on one thread. */
export async function timeModel(
  shape: ModelPerfShape,
  { rounds, profile }: { readonly rounds: number; readonly profile: boolean },
): Promise<ModelTiming> {
  const { name, batch, seq, trains, cutAfter } = shape;
  const options = { threads: 1 };
  const model = randomModel(shape);
  const { nLayers } = model.sizes;
  const texts = someTexts(model, batch, seq);
  const prefix = await compileForward(model, {
    hooks: [`blocks.${nLayers - 1}.hook_resid_post`],
    logits: false,
    ...options,
  });
  const products = await startProducts(model, blockRows(model, batch * seq), options);
  const [prefixMs, prefixGemmMs] = await inTurns(
    rounds,
    timing(() => prefix.run(texts)),
    products.timed,
  );
  await products.dispose();
  await prefix.dispose();
  const suffix = await timeSuffix(model, cutAfter, rounds, { ...options, profile });
  const training = trains ? await timeGradient(model, texts, rounds, options) : null;
  await model.close();
  return {
    name,
    tokens: batch * seq,
    prefixMs,
    prefixGemmMs,
    prefixRatio: prefixMs / prefixGemmMs,
    tokensPerSecond: (batch * seq * 1000) / prefixMs,
    suffix,
    training,
  };
}

async function timeGradient(
  model: LanguageModel,
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
  const products = await startProducts(
    model,
    { ...blockRows(model, rows * nCtx), ...headRows(model, rows * nCtx) },
    options,
  );
  const [stepMs, forwardMs] = await inTurns(
    rounds,
    timing(() => runner.run(weights, [shard])),
    products.timed,
  );
  await runner.dispose();
  await products.dispose();
  return { stepMs, gemmMs: 3 * forwardMs, ratio: stepMs / (3 * forwardMs) };
}
