import type { CompileOptions } from "@sae/core";
import { checkTokens } from "../tokenBatch.js";
import { compileGradient, type GradientSpec, weightTypes } from "./gradientProgram.js";

/** Weights, or anything else of their shapes, by name. */
export type WeightArrays = Readonly<Record<string, Float32Array>>;

/** Tokens of one shard, [pieces, rows, nCtx + 1]: each context with the token that follows it. */
export type ShardTokens = Int32Array;

/** Sums over the pieces of a shard. */
export interface ShardGradient {
  readonly gradient: WeightArrays;
  /** Sum of the pieces' mean losses. */
  readonly loss: number;
}

/** Computes the gradients of a step's shards: here, or on as many cores as there are shards. */
export interface ShardRunner {
  /**
   * The results in the order of the shards; they must not depend on where a shard was computed.
   *
   * @throws SaeError `bad_token`
   */
  run(weights: WeightArrays, shards: readonly ShardTokens[]): Promise<readonly ShardGradient[]>;
  /** Frees what computes. */
  dispose(): Promise<void>;
}

/**
 * Splits contexts with their next tokens into inputs and targets, int64 [pieces, rows, nCtx] each.
 *
 * @throws SaeError `bad_token`: onnxruntime counts negative ids from the end of the vocabulary, and would train on them
 */
export function inputsAndTargets(contexts: ShardTokens, { family, config, rows, nCtx }: GradientSpec) {
  const count = contexts.length / (nCtx + 1);
  const texts = Array.from({ length: count }, (_, row) => contexts.subarray(row * (nCtx + 1), (row + 1) * (nCtx + 1)));
  checkTokens("training", texts, family.sizes(config).dVocab);
  const shape = [count / rows, rows, nCtx];
  const tokens = new BigInt64Array(count * nCtx);
  const targets = new BigInt64Array(count * nCtx);
  texts.forEach((text, row) => {
    for (let i = 0; i < nCtx; i++) {
      tokens[row * nCtx + i] = BigInt(text[i]);
      targets[row * nCtx + i] = BigInt(text[i + 1]);
    }
  });
  return { tokens: { data: tokens, shape }, targets: { data: targets, shape } };
}

/** Computes one shard after another, in this thread. */
export async function localShards(spec: GradientSpec, options: CompileOptions = {}): Promise<ShardRunner> {
  const program = await compileGradient(spec, options);
  const names = Object.keys(weightTypes(spec.family, spec.config));
  return {
    async run(weights, shards) {
      const results: ShardGradient[] = [];
      for (const shard of shards) {
        const sums = await program.run({ ...weights, ...inputsAndTargets(shard, spec) });
        results.push({
          gradient: Object.fromEntries(names.map((name) => [name, sums[`d.${name}`]?.data as Float32Array])),
          loss: sums.loss?.data[0] as number,
        });
      }
      return results;
    },
    dispose: () => program.dispose(),
  };
}
