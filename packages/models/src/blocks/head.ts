import { matmul, type Tensor } from "@sae/core";
import type { Weights } from "./project.js";

/** Names of the embedding and of the unembedding, which are one matrix in tied models. */
export interface HeadNames {
  readonly embed: string;
  readonly head: string;
}

/** Logits [batch, seq, dVocab] of the normalised stream x [batch, seq, dModel]: x Wᵀ with W [dVocab, dModel]. */
export const unembed = (x: Tensor, p: Weights, { embed, head }: HeadNames, tied: boolean): Tensor =>
  matmul(x, p(tied ? embed : head), { transB: true });

/** Shape of the unembedding where it is a matrix of its own. */
export const headWeights = ({ head }: HeadNames, tied: boolean, dVocab: number, dModel: number) =>
  (tied ? {} : { [head]: [dVocab, dModel] }) as Readonly<Record<string, readonly number[]>>;

/** Checkpoints store a matrix that has two names once: under either. */
export const headAliases = ({ embed, head }: HeadNames, tied: boolean) =>
  (tied ? { [embed]: [head] } : {}) as Readonly<Record<string, readonly string[]>>;
