/*
 *   tokens [batch, seq]     x [batch, seq, dModel]     logits [batch, seq, dVocab]     weights of linear layers [in, out]
 */
import { add, broadcastLike, gatherRows, slice, type Tensor } from "@sae/core";
import { z } from "zod";
import { type ActivationName, activate, activationName } from "../blocks/activation.js";
import { configReader, count, epsilon, unsupported } from "../blocks/configReader.js";
import { headAliases, headWeights, unembed } from "../blocks/head.js";
import { layerNormWeights, namedLayerNorm } from "../blocks/norms.js";
import { conv1dWeights, projectConv1d } from "../blocks/project.js";
import { finalHook, residualHookNames, residualStream } from "../blocks/residualStream.js";
import { type HeadSizes, headSizes, selfAttention } from "../blocks/selfAttention.js";
import { defineFamily, type ModelSizes } from "../defineFamily.js";

/** Numbers of a GPT-2. */
export interface Gpt2Config extends ModelSizes {
  readonly heads: HeadSizes;
  readonly dMlp: number;
  readonly epsilon: number;
  readonly activation: ActivationName;
  /** The unembedding is the embedding. */
  readonly tied: boolean;
  /** Whether scores are divided by √dHead. */
  readonly scaled: boolean;
  /** Whether scores of layer l are divided by l + 1. */
  readonly scaledByLayer: boolean;
}

const names = { embed: "transformer.wte.weight", head: "lm_head.weight" };

const config = configReader(
  "gpt2",
  {
    n_embd: count,
    n_layer: count,
    n_head: count,
    n_positions: count.optional(),
    n_ctx: count.optional(),
    n_inner: count.nullish(),
    vocab_size: count,
    layer_norm_epsilon: epsilon.default(1e-5),
    activation_function: z.string().default("gelu_new"),
    tie_word_embeddings: z.boolean().default(true),
    scale_attn_weights: z.boolean().default(true),
    scale_attn_by_inverse_layer_idx: z.boolean().default(false),
    add_cross_attention: z.boolean().default(false),
  },
  (file): Gpt2Config => {
    if (file.add_cross_attention) throw unsupported("gpt2", "add_cross_attention", "a decoder without an encoder");
    return {
      dModel: file.n_embd,
      nLayers: file.n_layer,
      nCtx: file.n_positions ?? file.n_ctx ?? 1024,
      dVocab: file.vocab_size,
      heads: headSizes("gpt2", file.n_embd, file.n_head),
      dMlp: file.n_inner ?? 4 * file.n_embd,
      epsilon: file.layer_norm_epsilon,
      activation: activationName("gpt2", file.activation_function),
      tied: file.tie_word_embeddings,
      scaled: file.scale_attn_weights,
      scaledByLayer: file.scale_attn_by_inverse_layer_idx,
    };
  },
);

/** GPT-2 in its four sizes, DistilGPT-2, and what was trained with the same code. */
export const gpt2 = defineFamily<Gpt2Config>({
  name: "gpt2",
  title: "GPT-2",
  paper: "Radford, Wu, Child, Luan, Amodei, Sutskever 2019, Language Models are Unsupervised Multitask Learners",
  config,
  sizes: ({ dModel, nLayers, nCtx, dVocab }) => ({ dModel, nLayers, nCtx, dVocab }),
  basePrefix: "transformer.",
  aliases: ({ tied }) => headAliases(names, tied),
  hookNames: ({ nLayers }) => residualHookNames(nLayers, { embed: ["hook_embed", "hook_pos_embed"] }),
  weights: ({ dModel, dVocab, dMlp, nLayers, nCtx, tied }) => {
    const shapes: Record<string, readonly number[]> = {
      [names.embed]: [dVocab, dModel],
      "transformer.wpe.weight": [nCtx, dModel],
    };
    for (let layer = 0; layer < nLayers; layer++) {
      const at = `transformer.h.${layer}`;
      Object.assign(shapes, {
        ...layerNormWeights(`${at}.ln_1`, dModel),
        ...conv1dWeights(`${at}.attn.c_attn`, dModel, 3 * dModel),
        ...conv1dWeights(`${at}.attn.c_proj`, dModel, dModel),
        ...layerNormWeights(`${at}.ln_2`, dModel),
        ...conv1dWeights(`${at}.mlp.c_fc`, dModel, dMlp),
        ...conv1dWeights(`${at}.mlp.c_proj`, dMlp, dModel),
      });
    }
    return { ...shapes, ...layerNormWeights("transformer.ln_f", dModel), ...headWeights(names, tied, dVocab, dModel) };
  },
  forward: ({ config, tokens, causal, p, hook }) => {
    const { dModel, nLayers, heads, activation } = config;
    const mask = causal.mask();
    const norm = (x: Tensor, name: string): Tensor => namedLayerNorm(x, p, name, config.epsilon);
    const embedded = hook("hook_embed", gatherRows(p(names.embed), tokens)); // [batch, seq, dModel]
    const positions = gatherRows(p("transformer.wpe.weight"), causal.positions); // [seq, dModel]
    const start = add(embedded, hook("hook_pos_embed", broadcastLike(positions, embedded)));
    const x = residualStream(start, nLayers, hook, (layer) => {
      const at = `transformer.h.${layer}`;
      const scale = (config.scaled ? heads.dHead ** -0.5 : 1) / (config.scaledByLayer ? layer + 1 : 1);
      return {
        attention: (x) => {
          const qkv = projectConv1d(norm(x, `${at}.ln_1`), p, `${at}.attn.c_attn`); // [batch, seq, 3 · dModel]
          const [q, k, v] = [0, 1, 2].map((part) => slice(qkv, -1, part * dModel, (part + 1) * dModel));
          return projectConv1d(
            selfAttention(q, k, v, heads, { mask, scale, remember: causal.remember(layer) }),
            p,
            `${at}.attn.c_proj`,
          );
        },
        mlp: (x) => {
          const hidden = activate(activation, projectConv1d(norm(x, `${at}.ln_2`), p, `${at}.mlp.c_fc`));
          return projectConv1d(hidden, p, `${at}.mlp.c_proj`);
        },
      };
    });
    return unembed(hook(finalHook, norm(x, "transformer.ln_f")), p, names, config.tied);
  },
});
