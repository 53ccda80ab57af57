/*
 *   tokens [batch, seq]     x [batch, seq, dModel]     logits [batch, seq, dVocab]
 */
import { type Dim, gatherRows, reshape, rotaryTables, slice, type Tensor } from "@sae/core";
import { z } from "zod";
import { type ActivationName, activate, activationName } from "../blocks/activation.js";
import { configReader, count, epsilon } from "../blocks/configReader.js";
import { headAliases, headWeights, unembed } from "../blocks/head.js";
import { layerNormWeights, namedLayerNorm } from "../blocks/norms.js";
import { project, projectWeights } from "../blocks/project.js";
import { type BlockOrder, finalHook, residualHookNames, residualStream } from "../blocks/residualStream.js";
import { ropeFields, ropeFrequencies } from "../blocks/ropeFrequencies.js";
import { type HeadSizes, headSizes, selfAttention } from "../blocks/selfAttention.js";
import { defineFamily, type ModelSizes } from "../defineFamily.js";

/** Numbers of a GPT-NeoX. */
export interface GptNeoxConfig extends ModelSizes {
  readonly heads: HeadSizes;
  readonly dMlp: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** Angle per position of each pair of features that is turned: the first part of each head. */
  readonly frequencies: readonly number[];
  /** The unembedding is the embedding. */
  readonly tied: boolean;
  readonly attentionBias: boolean;
  /** Whether attention and MLP both read the stream before the block. */
  readonly order: BlockOrder;
}

const names = { embed: "gpt_neox.embed_in.weight", head: "embed_out.weight" };

const config = configReader(
  "gpt_neox",
  {
    hidden_size: count,
    intermediate_size: count,
    num_hidden_layers: count,
    num_attention_heads: count,
    vocab_size: count,
    max_position_embeddings: count.default(2048),
    layer_norm_eps: epsilon.default(1e-5),
    hidden_act: z.string().default("gelu"),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(true),
    use_parallel_residual: z.boolean().default(true),
    rotary_pct: z.number().positive().max(1).default(0.25),
    rotary_emb_base: z.number().positive().default(10_000),
    ...ropeFields,
  },
  (file): GptNeoxConfig => {
    const heads = headSizes("gpt_neox", file.hidden_size, file.num_attention_heads);
    return {
      dModel: file.hidden_size,
      nLayers: file.num_hidden_layers,
      nCtx: file.max_position_embeddings,
      dVocab: file.vocab_size,
      heads,
      dMlp: file.intermediate_size,
      epsilon: file.layer_norm_eps,
      activation: activationName("gpt_neox", file.hidden_act),
      frequencies: ropeFrequencies("gpt_neox", file, heads.dHead, {
        theta: file.rotary_emb_base,
        partial: file.rotary_pct,
      }),
      tied: file.tie_word_embeddings,
      attentionBias: file.attention_bias,
      order: file.use_parallel_residual ? "parallel" : "serial",
    };
  },
);

/** Queries, keys and values of one linear layer, which has them head by head: [batch, seq, nHeads · (q k v of dHead each)]. */
function splitHeads(qkv: Tensor, { nHeads, dHead }: HeadSizes): Tensor[] {
  const [batch, seq] = qkv.shape as readonly [Dim, Dim];
  const perHead = reshape(qkv, [batch, seq, nHeads, 3 * dHead]);
  return [0, 1, 2].map((part) =>
    reshape(slice(perHead, -1, part * dHead, (part + 1) * dHead), [batch, seq, nHeads * dHead]),
  );
}

/** GPT-NeoX and Pythia. */
export const gptNeox = defineFamily<GptNeoxConfig>({
  name: "gpt_neox",
  title: "GPT-NeoX (Pythia)",
  paper: "Black et al. 2022, arXiv 2204.06745; Biderman et al. 2023, arXiv 2304.01373",
  config,
  sizes: ({ dModel, nLayers, nCtx, dVocab }) => ({ dModel, nLayers, nCtx, dVocab }),
  basePrefix: "gpt_neox.",
  aliases: ({ tied }) => headAliases(names, tied),
  hookNames: ({ nLayers, order }) => residualHookNames(nLayers, { order }),
  weights: ({ dModel, dVocab, dMlp, nLayers, attentionBias, tied }) => {
    const shapes: Record<string, readonly number[]> = { [names.embed]: [dVocab, dModel] };
    for (let layer = 0; layer < nLayers; layer++) {
      const at = `gpt_neox.layers.${layer}`;
      Object.assign(shapes, {
        ...layerNormWeights(`${at}.input_layernorm`, dModel),
        ...layerNormWeights(`${at}.post_attention_layernorm`, dModel),
        ...projectWeights(`${at}.attention.query_key_value`, 3 * dModel, dModel, attentionBias),
        ...projectWeights(`${at}.attention.dense`, dModel, dModel, attentionBias),
        ...projectWeights(`${at}.mlp.dense_h_to_4h`, dMlp, dModel, true),
        ...projectWeights(`${at}.mlp.dense_4h_to_h`, dModel, dMlp, true),
      });
    }
    return {
      ...shapes,
      ...layerNormWeights("gpt_neox.final_layer_norm", dModel),
      ...headWeights(names, tied, dVocab, dModel),
    };
  },
  forward: ({ config, tokens, causal, p, hook }) => {
    const { nLayers, heads, activation, attentionBias } = config;
    const mask = causal.mask();
    const rotary = rotaryTables(causal.positions, config.frequencies);
    const norm = (x: Tensor, name: string): Tensor => namedLayerNorm(x, p, name, config.epsilon);
    const embedded = hook("hook_embed", gatherRows(p(names.embed), tokens)); // [batch, seq, dModel]
    const parts = (layer: number) => {
      const at = `gpt_neox.layers.${layer}`;
      return {
        attention: (x: Tensor) => {
          const inner = norm(x, `${at}.input_layernorm`);
          const [q, k, v] = splitHeads(project(inner, p, `${at}.attention.query_key_value`, attentionBias), heads);
          return project(
            selfAttention(q, k, v, heads, { mask, rotary, remember: causal.remember(layer) }),
            p,
            `${at}.attention.dense`,
            attentionBias,
          );
        },
        mlp: (x: Tensor) => {
          const inner = norm(x, `${at}.post_attention_layernorm`);
          const hidden = activate(activation, project(inner, p, `${at}.mlp.dense_h_to_4h`, true)); // [batch, seq, dMlp]
          return project(hidden, p, `${at}.mlp.dense_4h_to_h`, true);
        },
      };
    };
    const x = residualStream(embedded, nLayers, hook, parts, config.order);
    return unembed(hook(finalHook, norm(x, "gpt_neox.final_layer_norm")), p, names, config.tied);
  },
});
