/*
 * Llama in plain loops and double precision, written down from its papers without anything that the symbolic model is made of.
 */
import type { smallConfigs } from "../models.testkit.js";

/** Numbers that the loops know about. */
export type ReferenceConfig = Omit<typeof smallConfigs.llama, "model_type"> & {
  readonly rope_theta: number;
  readonly rms_norm_eps: number;
};

type Row = number[];

/** W x for W [out, in]. */
const times = (w: ArrayLike<number>, x: Row): Row => {
  const out = w.length / x.length;
  return Array.from({ length: out }, (_, i) => x.reduce((total, value, j) => total + value * w[i * x.length + j], 0));
};

const plus = (a: Row, b: Row): Row => a.map((value, i) => value + b[i]);

const rms = (x: Row, scale: ArrayLike<number>, eps: number): Row => {
  const meanSquare = x.reduce((total, value) => total + value * value, 0) / x.length;
  return x.map((value, i) => (value / Math.sqrt(meanSquare + eps)) * scale[i]);
};

/** A head's features as complex numbers (i, i + half), turned by position · theta^(−2i / size). */
const turn = (head: Row, position: number, theta: number): Row => {
  const half = head.length / 2;
  return head.map((value, at) => {
    const i = at % half;
    const angle = position * theta ** ((-2 * i) / head.length);
    const other = at < half ? -head[at + half] : head[at - half];
    return value * Math.cos(angle) + other * Math.sin(angle);
  });
};

const headOf = (x: Row, head: number, size: number): Row => x.slice(head * size, (head + 1) * size);

/** The stream after each block and the logits of one text. */
export function llamaReference(
  config: ReferenceConfig,
  weight: (name: string) => ArrayLike<number>,
  tokens: readonly number[],
): { residuals: Row[][]; logits: Row[] } {
  const { hidden_size: d, num_attention_heads: nHeads, num_key_value_heads: nKvHeads, head_dim: size } = config;
  const embedding = weight("model.embed_tokens.weight");
  let stream = tokens.map((id) => Array.from({ length: d }, (_, i) => embedding[id * d + i]));
  const residuals: Row[][] = [];
  for (let layer = 0; layer < config.num_hidden_layers; layer++) {
    const w = (name: string) => weight(`model.layers.${layer}.${name}.weight`);
    const inner = stream.map((x) => rms(x, w("input_layernorm"), config.rms_norm_eps));
    const q = inner.map((x) => times(w("self_attn.q_proj"), x));
    const k = inner.map((x) => times(w("self_attn.k_proj"), x));
    const v = inner.map((x) => times(w("self_attn.v_proj"), x));
    const mixed = tokens.map((_, i) =>
      Array.from({ length: nHeads }, (_, head) => {
        const shared = Math.floor(head / (nHeads / nKvHeads));
        const query = turn(headOf(q[i], head, size), i, config.rope_theta);
        const scores = Array.from({ length: i + 1 }, (_, j) => {
          const key = turn(headOf(k[j], shared, size), j, config.rope_theta);
          return query.reduce((total, value, n) => total + value * key[n], 0) / Math.sqrt(size);
        });
        const exps = scores.map((score) => Math.exp(score - Math.max(...scores)));
        const total = exps.reduce((a, b) => a + b);
        return Array.from({ length: size }, (_, n) =>
          exps.reduce((sum, e, j) => sum + (e / total) * headOf(v[j], shared, size)[n], 0),
        );
      }).flat(),
    );
    stream = stream.map((x, i) => plus(x, times(w("self_attn.o_proj"), mixed[i])));
    stream = stream.map((x) => {
      const hidden = rms(x, w("post_attention_layernorm"), config.rms_norm_eps);
      const up = times(w("mlp.up_proj"), hidden);
      const gated = times(w("mlp.gate_proj"), hidden).map((g, i) => (g / (1 + Math.exp(-g))) * up[i]);
      return plus(x, times(w("mlp.down_proj"), gated));
    });
    residuals.push(stream);
  }
  const logits = stream.map((x) =>
    times(weight("lm_head.weight"), rms(x, weight("model.norm.weight"), config.rms_norm_eps)),
  );
  return { residuals, logits };
}
