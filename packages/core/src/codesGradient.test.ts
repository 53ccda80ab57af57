/*
 * Gradients through sparse codes against the same selection laid out densely, at a few hundred latents.
 *
 *   x [batch, dModel]     W_enc [dModel, dSae]     W_dec [dSae, dModel]
 */
import { describe, expect, test } from "vitest";
import {
  above,
  type Codes,
  decode,
  densePreActivation,
  largestInBatch,
  type PreActivation,
  preActivation,
  topk,
} from "./codes.js";
import { compile } from "./compile.js";
import { grad } from "./grad.js";
import { largestDifference } from "./interpret.js";
import { ndArray } from "./ndArray.js";
import { add, mul, sub } from "./ops/binary.js";
import { greater } from "./ops/compare.js";
import { topkMask } from "./ops/nonzero.js";
import { sum } from "./ops/reduce.js";
import { reshape } from "./ops/shape.js";
import { relu, square } from "./ops/unary.js";
import { where } from "./ops/where.js";
import { fillNormal, fold, key } from "./random.js";
import { constant, type Tensor } from "./tensor.js";
import { float32 } from "./tensorType.js";

describe("gradients of sparse codes are those of the dense selection", () => {
  const [batch, dModel, dSae, k] = [96, 16, 320, 6];
  const shapes = { x: [batch, dModel], W_enc: [dModel, dSae], b_enc: [dSae], W_dec: [dSae, dModel], b_dec: [dModel] };
  type Args = { [Name in keyof typeof shapes]: Tensor };
  const inputs = Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, float32(...shape)])) as {
    [Name in keyof typeof shapes]: ReturnType<typeof float32>;
  };
  const feeds = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      fillNormal(fold(key("gradients"), name), new Float32Array(shape.reduce((a, b) => a * b, 1))),
    ]),
  ) as { [Name in keyof typeof shapes]: Float32Array };

  const run = async (select: (pre: PreActivation) => Codes, threads: number) => {
    const program = await compile(
      inputs,
      (args: Args) => {
        const codes = select(preActivation(args.x, args));
        const loss = sum(square(sub(args.x, add(decode(codes, args.W_dec), args.b_dec))));
        const gradients = grad(loss, Object.values(args));
        return {
          loss,
          ...Object.fromEntries(Object.keys(args).map((name, i) => [`d_${name}`, gradients[i] as Tensor])),
        };
      },
      { threads },
    );
    const results = await program.run(feeds);
    await program.dispose();
    return results as Record<string, { data: Float32Array; shape: number[] }>;
  };

  const asDense = (pre: PreActivation, values: Tensor): Codes => ({
    values,
    pattern: null,
    batch: pre.batch,
    dSae: pre.dSae,
  });
  const selections: Record<string, [(pre: PreActivation) => Codes, (pre: PreActivation) => Codes]> = {
    topk: [
      (pre) => topk(pre, k),
      (pre) => asDense(pre, mul(relu(densePreActivation(pre)), topkMask(densePreActivation(pre), k))),
    ],
    largestInBatch: [
      (pre) => largestInBatch(pre, batch * k, constant(8)),
      (pre) => asDense(pre, mul(relu(densePreActivation(pre)), flatMask(densePreActivation(pre), batch * k))),
    ],
    above: [
      (pre) => above(pre, constant(10)),
      (pre) => asDense(pre, where(greater(densePreActivation(pre), 10), densePreActivation(pre), 0)),
    ],
  };

  test.each(Object.entries(selections).flatMap(([name, pair]) => [1, 2].map((threads) => ({ name, pair, threads }))))(
    "$name, $threads thread(s)",
    async ({ pair, threads }) => {
      const [sparse, dense] = [await run(pair[0], threads), await run(pair[1], threads)];
      for (const [name, { data, shape }] of Object.entries(dense)) {
        const scale = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
        expect(scale, name).toBeGreaterThan(0);
        const [got, expected] = [sparse[name]?.data as Float32Array, data].map((values) =>
          values.map((value) => value / scale),
        ) as [Float32Array, Float32Array];
        expect(
          largestDifference({ data: got, shape: sparse[name]?.shape ?? [] }, ndArray(shape, expected)),
          name,
        ).toBeLessThan(2e-6);
      }
    },
  );
});

/** 1 at the `count` largest of a whole matrix. */
function flatMask(x: Tensor, count: number): Tensor {
  const [rows, columns] = x.shape as [number, number];
  return reshape(topkMask(reshape(x, [1, rows * columns]), count), [rows, columns]);
}
