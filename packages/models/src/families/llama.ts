/*
 *   tokens [batch, seq]     x [batch, seq, dModel]     logits [batch, seq, dVocab]
 */
import { gatherRows, rmsNorm, rotaryTables, type Tensor } from "@sae/core";
import { z } from "zod";
import { type ActivationName, activationName } from "../blocks/activation.js";
import { configReader, count, epsilon } from "../blocks/configReader.js";
import { headAliases, headWeights, unembed } from "../blocks/head.js";
import { gatedMlp, gatedMlpWeights } from "../blocks/mlp.js";
import { finalHook, residualHookNames, residualStream } from "../blocks/residualStream.js";
import { ropeFields, ropeFrequencies } from "../blocks/ropeFrequencies.js";
import { type HeadSizes, headSizes, projectedAttention, projectedAttentionWeights } from "../blocks/selfAttention.js";
import { defineFamily, type ModelSizes } from "../defineFamily.js";

/** Numbers of a Llama. */
export interface LlamaConfig extends ModelSizes {
  readonly heads: HeadSizes;
  readonly dMlp: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** Angle per position of each pair of features of a head. */
  readonly frequencies: readonly number[];
  /** The unembedding is the embedding. */
  readonly tied: boolean;
  readonly attentionBias: boolean;
  readonly mlpBias: boolean;
}

const names = { embed: "model.embed_tokens.weight", head: "lm_head.weight" };

const config = configReader(
  "llama",
  {
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    num_key_value_heads: count.nullish(),
    head_dim: count.nullish(),
    vocab_size: count,
    max_position_embeddings: count.default(2048),
    rms_norm_eps: epsilon.default(1e-6),
    hidden_act: z.string().default("silu"),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    ...ropeFields,
  },
  (file): LlamaConfig => {
    const heads = headSizes("llama", file.hidden_size, file.num_attention_heads, {
      nKvHeads: file.num_key_value_heads,
      dHead: file.head_dim,
    });
    return {
      dModel: file.hidden_size,
      nLayers: file.num_hidden_layers,
      nCtx: file.max_position_embeddings,
      dVocab: file.vocab_size,
      heads,
      dMlp: file.intermediate_size,
      epsilon: file.rms_norm_eps,
      activation: activationName("llama", file.hidden_act),
      frequencies: ropeFrequencies("llama", file, heads.dHead, { whole: true }),
      tied: file.tie_word_embeddings,
      attentionBias: file.attention_bias,
      mlpBias: file.mlp_bias,
    };
  },
);

/** Llama 1 to 3.3 and what shares their architecture under this name (TinyLlama, SmolLM, the TinyStories models, …). */
export const llama = defineFamily<LlamaConfig>({
  name: "llama",
  title: "Llama",
  paper: "Touvron et al. 2023, arXiv 2302.13971 and 2307.09288; Llama Team 2024, arXiv 2407.21783",
  config,
  sizes: ({ dModel, nLayers, nCtx, dVocab }) => ({ dModel, nLayers, nCtx, dVocab }),
  basePrefix: "model.",
  aliases: ({ tied }) => headAliases(names, tied),
  hookNames: ({ nLayers }) => residualHookNames(nLayers),
  weights: ({ dModel, dVocab, dMlp, nLayers, heads, attentionBias, mlpBias, tied }) => {
    const shapes: Record<string, readonly number[]> = { [names.embed]: [dVocab, dModel] };
    for (let layer = 0; layer < nLayers; layer++) {
      const at = `model.layers.${layer}`;
      Object.assign(shapes, {
        [`${at}.input_layernorm.weight`]: [dModel],
        ...projectedAttentionWeights(`${at}.self_attn`, dModel, heads, attentionBias),
        [`${at}.post_attention_layernorm.weight`]: [dModel],
        ...gatedMlpWeights(`${at}.mlp`, dModel, dMlp, mlpBias),
      });
    }
    return { ...shapes, "model.norm.weight": [dModel], ...headWeights(names, tied, dVocab, dModel) };
  },
  forward: ({ config, tokens, causal, p, hook }) => {
    const { nLayers, heads, activation, attentionBias, mlpBias } = config;
    const mask = causal.mask();
    const rotary = rotaryTables(causal.positions, config.frequencies);
    const norm = (x: Tensor, name: string): Tensor =>
      rmsNorm(x, { scale: p(`${name}.weight`), epsilon: config.epsilon });
    const embedded = hook("hook_embed", gatherRows(p(names.embed), tokens)); // [batch, seq, dModel]
    const x = residualStream(embedded, nLayers, hook, (layer) => {
      const at = `model.layers.${layer}`;
      return {
        attention: (x) =>
          projectedAttention(norm(x, `${at}.input_layernorm`), p, `${at}.self_attn`, heads, {
            mask,
            rotary,
            remember: causal.remember(layer),
            bias: attentionBias,
          }),
        mlp: (x) => gatedMlp(norm(x, `${at}.post_attention_layernorm`), p, `${at}.mlp`, { activation, bias: mlpBias }),
      };
    });
    return unembed(hook(finalHook, norm(x, "model.norm")), p, names, config.tied);
  },
});
