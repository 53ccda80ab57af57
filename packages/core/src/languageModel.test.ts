/*
 * A decoder language model in miniature, to show that its parts fit together: one program, compiled once, for every batch and length.
 *
 *   tokens, targets [batch, seq]     x [batch, seq, dModel]     logits [batch, seq, dVocab]
 */
import { expect, test } from "vitest";
import { attention, causalMask } from "./attention.js";
import { compile } from "./compile.js";
import { grad } from "./grad.js";
import { interpret, largestDifference } from "./interpret.js";
import { arangeLike } from "./ops/arange.js";
import { add, mul } from "./ops/binary.js";
import { crossEntropy } from "./ops/crossEntropy.js";
import { gatherRows } from "./ops/gather.js";
import { matmul } from "./ops/matmul.js";
import { layerNorm, rmsNorm } from "./ops/normalize.js";
import { reduceMax } from "./ops/reduce.js";
import { reshape } from "./ops/shape.js";
import { logSoftmax, softmax } from "./ops/softmax.js";
import { takeAlongLastAxis } from "./ops/takeAlong.js";
import { silu } from "./ops/unary.js";
import { fillNormal, key } from "./random.js";
import { rotaryFrequencies, rotaryTables, rotate } from "./rotary.js";
import type { Tensor } from "./tensor.js";
import { bool, type Dim, float32, int64 } from "./tensorType.js";

const [dModel, dVocab, nHeads, nKeyHeads, dHead, dMlp] = [8, 11, 4, 2, 2, 12];

const weights = {
  W_E: float32(dVocab, dModel),
  W_Q: float32(dModel, nHeads * dHead),
  W_K: float32(dModel, nKeyHeads * dHead),
  W_V: float32(dModel, nKeyHeads * dHead),
  W_O: float32(nHeads * dHead, dModel),
  W_gate: float32(dModel, dMlp),
  W_in: float32(dModel, dMlp),
  W_out: float32(dMlp, dModel),
  norm: float32(dModel),
};

type Weights = { [Name in keyof typeof weights]: Tensor };

function logitsOf(tokens: Tensor, keep: Tensor, p: Weights): Tensor {
  const [batch, seq] = tokens.shape as [Dim, Dim];
  const heads = (x: Tensor, count: number) => reshape(x, [batch, seq, count, dHead]);
  const tables = rotaryTables(arangeLike(tokens, 1), rotaryFrequencies(dHead));
  let x = gatherRows(p.W_E, tokens); // [batch, seq, dModel]
  const inner = rmsNorm(x, { scale: add(p.norm, 1) });
  const q = rotate(heads(matmul(inner, p.W_Q), nHeads), tables);
  const k = rotate(heads(matmul(inner, p.W_K), nKeyHeads), tables);
  const z = attention(q, k, heads(matmul(inner, p.W_V), nKeyHeads), {
    mask: causalMask(tokens, { keep, window: 4 }),
    softCap: 20,
  });
  x = add(x, matmul(reshape(z, [batch, seq, nHeads * dHead]), p.W_O));
  const hidden = layerNorm(x);
  x = add(x, matmul(mul(silu(matmul(hidden, p.W_gate)), matmul(hidden, p.W_in)), p.W_out));
  return matmul(x, p.W_E, { transB: true }); // [batch, seq, dVocab]
}

test("a language model and the gradients of its loss at every size", async () => {
  const inputs = {
    tokens: int64("batch", "seq"),
    targets: int64("batch", "seq"),
    keep: bool("batch", "seq"),
    ...weights,
  };
  const names = Object.keys(weights) as (keyof Weights)[];
  const build = ({ tokens, targets, keep, ...p }: { [Name in keyof typeof inputs]: Tensor }) => {
    const logits = logitsOf(tokens, keep, p);
    const loss = crossEntropy(logits, targets, keep);
    const gradients = grad(
      loss,
      names.map((name) => p[name]),
    );
    const [batch, seq] = targets.shape as [Dim, Dim];
    const target = takeAlongLastAxis(logSoftmax(logits), reshape(targets, [batch, seq, 1])); // [batch, seq, 1]
    return {
      logits,
      loss,
      target,
      confidence: reduceMax(softmax(logits), [-1]),
      ...Object.fromEntries(names.map((name, i) => [`d${name}`, gradients[i] as Tensor])),
    };
  };
  const p = Object.fromEntries(
    names.map((name) => [
      name,
      fillNormal(key(name), new Float32Array((weights[name].shape as number[]).reduce((a, b) => a * b, 1))).map(
        (v) => v / 2,
      ),
    ]),
  ) as { [Name in keyof Weights]: Float32Array };
  const program = await compile(inputs, build);
  const reference = interpret(inputs, build);
  for (const [batch, seq] of [
    [1, 1],
    [2, 6],
    [5, 1],
    [1, 17],
    [0, 3],
  ] as const) {
    const ids = (offset: number) => ({
      data: BigInt64Array.from({ length: batch * seq }, (_, i) => BigInt((i * 7 + offset) % dVocab)),
      shape: [batch, seq],
    });
    const keep = {
      data: Uint8Array.from({ length: batch * seq }, (_, i) => (i % 5 === 3 ? 0 : 1)),
      shape: [batch, seq],
    };
    const feeds = { tokens: ids(0), targets: ids(3), keep, ...p };
    const [got, expected] = [await program.run(feeds), reference.run(feeds)];
    for (const name of Object.keys(expected) as (keyof typeof expected)[]) {
      expect(largestDifference(got[name], expected[name]), `${name} at ${batch} × ${seq}`).toBeLessThan(1e-5);
    }
  }
  await program.dispose();
});
