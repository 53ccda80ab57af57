/*
 * What Gemma 2 does otherwise than Llama: scales of norms are stored as differences to 1; each part of a block is normalised before and after;
 * embeddings are multiplied by √dModel; attention scores and logits are squashed by cap · tanh(· / cap); every other layer looks back on a
 * window of positions only; scores are scaled by a number of the config's.
 *
 *   tokens [batch, seq]     x [batch, seq, dModel]     logits [batch, seq, dVocab]
 */
import { add, div, gatherRows, mul, rmsNorm, rotaryTables, type Tensor, tanh } from "@sae/core";
import { z } from "zod";
import { type ActivationName, activationName } from "../blocks/activation.js";
import { configReader, count, epsilon, unsupported } from "../blocks/configReader.js";
import { headAliases, headWeights, unembed } from "../blocks/head.js";
import { gatedMlp, gatedMlpWeights } from "../blocks/mlp.js";
import { finalHook, residualHookNames, residualStream } from "../blocks/residualStream.js";
import { ropeFields, ropeFrequencies } from "../blocks/ropeFrequencies.js";
import { type HeadSizes, headSizes, projectedAttention, projectedAttentionWeights } from "../blocks/selfAttention.js";
import { defineFamily, type ModelSizes } from "../defineFamily.js";

/** Numbers of a Gemma 2. */
export interface Gemma2Config extends ModelSizes {
  readonly heads: HeadSizes;
  readonly dMlp: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** Angle per position of each pair of features of a head. */
  readonly frequencies: readonly number[];
  /** The unembedding is the embedding. */
  readonly tied: boolean;
  readonly attentionBias: boolean;
  /** Scores are q · k times this. */
  readonly scale: number;
  readonly scoreCap: number | null;
  readonly logitCap: number | null;
  /** For each layer how many positions, itself included, a query looks back on; null for all. */
  readonly windows: readonly (number | null)[];
}

const names = { embed: "model.embed_tokens.weight", head: "lm_head.weight" };
const positive = z.number().positive();

const defaultActivation = "gelu_pytorch_tanh";

/** Transformers reads `hidden_activation` alone. A `hidden_act` that says something else without it would be a guess. */
function activationOf(activation: string | null | undefined, other: string | null | undefined): ActivationName {
  if (!activation && other && other !== defaultActivation) {
    throw unsupported(
      "gemma2",
      `hidden_act '${other}' alone`,
      "hidden_activation, which is what counts for this family",
    );
  }
  return activationName("gemma2", activation ?? defaultActivation);
}

/** A window for the layers that slide: the first, the third, … where the config does not list them. */
function windowsOf(nLayers: number, window: number | null, types: readonly string[] | null | undefined) {
  const kinds =
    types ?? Array.from({ length: nLayers }, (_, i) => (i % 2 === 0 ? "sliding_attention" : "full_attention"));
  if (kinds.length !== nLayers)
    throw unsupported("gemma2", `${kinds.length} layer_types`, `one for each of ${nLayers} layers`);
  return kinds.map((kind) => {
    if (kind === "full_attention") return null;
    if (kind !== "sliding_attention") {
      throw unsupported("gemma2", `'${kind}'`, "layer_types of sliding_attention and full_attention");
    }
    if (window === null) throw unsupported("gemma2", "none", "a sliding_window for layers that slide");
    return window;
  });
}

const config = configReader(
  "gemma2",
  {
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    num_key_value_heads: count.nullish(),
    head_dim: count.default(256),
    vocab_size: count,
    max_position_embeddings: count.default(8192),
    rms_norm_eps: epsilon.default(1e-6),
    hidden_activation: z.string().nullish(),
    hidden_act: z.string().nullish(),
    tie_word_embeddings: z.boolean().default(true),
    attention_bias: z.boolean().default(false),
    query_pre_attn_scalar: positive.default(256),
    attn_logit_softcapping: positive.nullable().default(50),
    final_logit_softcapping: positive.nullable().default(30),
    sliding_window: count.nullable().default(4096),
    layer_types: z.array(z.string()).nullish(),
    use_bidirectional_attention: z.boolean().nullish(),
    ...ropeFields,
  },
  (file): Gemma2Config => {
    if (file.use_bidirectional_attention)
      throw unsupported("gemma2", "use_bidirectional_attention", "causal attention");
    const heads = headSizes("gemma2", file.hidden_size, file.num_attention_heads, {
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
      activation: activationOf(file.hidden_activation, file.hidden_act),
      frequencies: ropeFrequencies("gemma2", file, heads.dHead, { whole: true }),
      tied: file.tie_word_embeddings,
      attentionBias: file.attention_bias,
      scale: file.query_pre_attn_scalar ** -0.5,
      scoreCap: file.attn_logit_softcapping,
      logitCap: file.final_logit_softcapping,
      windows: windowsOf(file.num_hidden_layers, file.sliding_window, file.layer_types),
    };
  },
);

/** The norms of a block, in the order in which they are applied. */
const blockNorms = [
  "input_layernorm",
  "post_attention_layernorm",
  "pre_feedforward_layernorm",
  "post_feedforward_layernorm",
] as const;

/** Gemma 2: 2B, 9B, 27B. */
export const gemma2 = defineFamily<Gemma2Config>({
  name: "gemma2",
  title: "Gemma 2",
  paper: "Gemma Team 2024, arXiv 2408.00118",
  config,
  sizes: ({ dModel, nLayers, nCtx, dVocab }) => ({ dModel, nLayers, nCtx, dVocab }),
  basePrefix: "model.",
  aliases: ({ tied }) => headAliases(names, tied),
  hookNames: ({ nLayers }) => residualHookNames(nLayers),
  weights: ({ dModel, dVocab, dMlp, nLayers, heads, attentionBias, tied }) => {
    const shapes: Record<string, readonly number[]> = { [names.embed]: [dVocab, dModel] };
    for (let layer = 0; layer < nLayers; layer++) {
      const at = `model.layers.${layer}`;
      for (const name of blockNorms) shapes[`${at}.${name}.weight`] = [dModel];
      Object.assign(
        shapes,
        projectedAttentionWeights(`${at}.self_attn`, dModel, heads, attentionBias),
        gatedMlpWeights(`${at}.mlp`, dModel, dMlp),
      );
    }
    return { ...shapes, "model.norm.weight": [dModel], ...headWeights(names, tied, dVocab, dModel) };
  },
  forward: ({ config, tokens, causal, p, hook }) => {
    const { nLayers, heads, windows, activation, scale, scoreCap, logitCap } = config;
    const rotary = rotaryTables(causal.positions, config.frequencies);
    const norm = (x: Tensor, name: string): Tensor =>
      rmsNorm(x, { scale: add(p(`${name}.weight`), 1), epsilon: config.epsilon });
    const embedded = mul(gatherRows(p(names.embed), tokens), Math.sqrt(config.dModel)); // [batch, seq, dModel]
    const x = residualStream(hook("hook_embed", embedded), nLayers, hook, (layer) => {
      const at = `model.layers.${layer}`;
      const [beforeAttention, afterAttention, beforeMlp, afterMlp] = blockNorms.map((name) => `${at}.${name}`);
      return {
        attention: (x) => {
          const attended = projectedAttention(norm(x, beforeAttention), p, `${at}.self_attn`, heads, {
            mask: causal.mask(windows[layer] ?? undefined),
            rotary,
            remember: causal.remember(layer),
            scale,
            softCap: scoreCap ?? undefined,
            bias: config.attentionBias,
          });
          return norm(attended, afterAttention);
        },
        mlp: (x) => norm(gatedMlp(norm(x, beforeMlp), p, `${at}.mlp`, { activation }), afterMlp),
      };
    });
    const logits = unembed(hook(finalHook, norm(x, "model.norm")), p, names, config.tied);
    return logitCap === null ? logits : mul(tanh(div(logits, logitCap)), logitCap);
  },
});
