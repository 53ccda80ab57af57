import {
  type CompileOptions,
  cast,
  compile,
  type Dim,
  equal,
  int64,
  reduceMax,
  reshape,
  takeAlongLastAxis,
  tokenLosses,
} from "@sae/core";
import { wholeTexts } from "../blocks/causality.js";
import type { AnyFamily } from "../defineFamily.js";
import { checkTokens } from "../tokenBatch.js";
import { weightTypes } from "./gradientProgram.js";
import type { WeightArrays } from "./shardRunner.js";

/** What a model makes of each next token, [rows, nCtx] row by row. */
export interface TokenScores {
  /** −log probability in nats. */
  readonly losses: Float32Array;
  /** 1 where no token is likelier. */
  readonly correct: Float32Array;
}

/** Scores contexts under weights that change from call to call. */
export interface TokenScorer {
  /**
   * Losses of the next tokens under these weights.
   *
   * @param contexts [rows, seq + 1]: each context with the token that follows it
   * @throws SaeError `bad_token`
   */
  score(weights: WeightArrays, contexts: Int32Array, rows: number): Promise<TokenScores>;
  /** Frees the program. */
  dispose(): Promise<void>;
}

/** Compiles a scorer for any number and length of contexts. */
export async function tokenScorer(
  family: AnyFamily,
  config: unknown,
  options: CompileOptions = {},
): Promise<TokenScorer> {
  const inputs = {
    ...weightTypes(family, config),
    tokens: int64("rows", "seq"),
    targets: int64("rows", "seq"),
  };
  const program = await compile(
    inputs,
    ({ tokens, targets, ...weights }) => {
      const p = (name: string) => weights[name as keyof typeof weights];
      const logits = family.forward({ config, tokens, causal: wholeTexts(tokens), p, hook: (_name, x) => x }); // [rows, seq, dVocab]
      const [rows, seq] = targets.shape as [Dim, Dim];
      const chosen = takeAlongLastAxis(logits, reshape(targets, [rows, seq, 1], targets)); // [rows, seq, 1]
      const correct = cast(equal(reshape(chosen, [rows, seq], targets), reduceMax(logits, [-1])), "float32");
      return { losses: tokenLosses(logits, targets), correct };
    },
    options,
  );
  return {
    async score(weights, contexts, rows) {
      const seq = contexts.length / rows - 1;
      const texts = Array.from({ length: rows }, (_, row) => contexts.subarray(row * (seq + 1), (row + 1) * (seq + 1)));
      checkTokens("tokenScorer", texts, family.sizes(config).dVocab);
      const pick = (offset: number) => ({
        data: BigInt64Array.from({ length: rows * seq }, (_, i) =>
          BigInt(contexts[Math.floor(i / seq) * (seq + 1) + (i % seq) + offset] as number),
        ),
        shape: [rows, seq],
      });
      const { losses, correct } = await program.run({ ...weights, tokens: pick(0), targets: pick(1) } as never);
      return { losses: losses.data as Float32Array, correct: correct.data as Float32Array };
    },
    dispose: () => program.dispose(),
  };
}
