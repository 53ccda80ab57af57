/*
 * The same programs on a second provider. Without a GPU, Debian's packages chromium and libvulkan1 bring a Vulkan driver in software:
 *
 *   VK_DRIVER_FILES=/usr/lib/chromium/vk_swiftshader_icd.json pnpm vitest run packages/core/src/webgpu.test.ts
 */
import { beforeEach, describe, expect, test } from "vitest";
import { attention, causalMask } from "./attention.js";
import { above, decode, largestInBatch, preActivation, topk, withValues } from "./codes.js";
import { type CompileOptions, compile, type Feed } from "./compile.js";
import { grad } from "./grad.js";
import { largestDifference } from "./interpret.js";
import { ndArray } from "./ndArray.js";
import { add, div, mul, sub } from "./ops/binary.js";
import { crossEntropy } from "./ops/crossEntropy.js";
import { gatherRows } from "./ops/gather.js";
import { matmul } from "./ops/matmul.js";
import { layerNorm, rmsNorm } from "./ops/normalize.js";
import { mean, reduceMax, sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { concat, reshape, slice, transpose } from "./ops/shape.js";
import { logSoftmax, softmax } from "./ops/softmax.js";
import { exp, gelu, relu, square, tanh } from "./ops/unary.js";
import { fillNormal, key } from "./random.js";
import { rotaryFrequencies, rotaryTables, rotate } from "./rotary.js";
import { constant, type Tensor } from "./tensor.js";
import { float32, int64, type TensorType } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";
import { webgpuFailure } from "./webgpu.testkit.js";

beforeEach(({ skip }) => skip(webgpuFailure !== undefined, `WebGPU does not start here: ${webgpuFailure}`));

/** Runs on WebGPU and on the CPU; the largest difference over all results, relative to the largest element of each. */
async function difference<Inputs extends Record<string, TensorType>>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Record<string, Tensor>,
  feeds: Record<keyof Inputs & string, Feed>,
): Promise<number> {
  const run = async (options: CompileOptions) => {
    const program = await compile(inputs, build, options);
    const results = await program.run(feeds);
    await program.dispose();
    return results;
  };
  const [gpu, cpu] = [await run({ provider: "webgpu" }), await run({ provider: "cpu" })];
  return Math.max(
    ...Object.entries(cpu).map(([name, value]) => {
      const expected = toNumbers(value);
      const scale = Math.max(...expected.map(Math.abs), 1e-30);
      const got = gpu[name] as typeof value;
      return largestDifference(
        { shape: got.shape, data: toNumbers(got).map((x) => x / scale) },
        ndArray(
          value.shape,
          expected.map((x) => x / scale),
        ),
      );
    }),
  );
}

const normal = (name: string, ...shape: number[]) => ({
  data: fillNormal(key(name), new Float32Array(shape.reduce((a, b) => a * b, 1))),
  shape,
});

describe("WebGPU gives what the CPU gives", () => {
  test("element by element, in reductions and in changes of shape", async () => {
    const build = ({ x, w }: { x: Tensor; w: Tensor }) => {
      const y = matmul(x, w);
      return {
        product: tanh(y),
        batched: matmul(reshape(x, [2, 2, 8]), reshape(x, [2, 2, 8]), { transB: true }),
        parts: concat(
          [slice(y, 1, 3, 5), transpose(slice(x, 0, 0, 2), [1, 0])].map((part) =>
            reshape(part, [part.shape.reduce<number>((size, dim) => size * (dim as number), 1)]),
          ),
          0,
        ),
        largest: reduceMax(y, [1]),
        norms: add(layerNorm(y), rmsNorm(y)),
        activations: mul(gelu(y), relu(y)),
        chances: add(softmax(y), exp(logSoftmax(y))),
        loss: mean(square(y)),
      };
    };
    expect(
      await difference({ x: float32(4, 8), w: float32(8, 6) }, build, { x: normal("x", 4, 8), w: normal("w", 8, 6) }),
    ).toBeLessThan(1e-5);
  });

  test.each(["topk", "largestInBatch", "above"] as const)("gradients of a sparse autoencoder (%s)", async (kind) => {
    const inputs = { x: float32(32, 8), W_enc: float32(8, 64), b_enc: float32(64), W_dec: float32(64, 8) };
    const build = ({ x, ...p }: { [Name in keyof typeof inputs]: Tensor }) => {
      const pre = preActivation(x, p);
      const entries = above(pre, constant(1));
      const codes = {
        topk: () => topk(pre, 4),
        largestInBatch: () => largestInBatch(pre, 100, constant(3)),
        above: () => withValues(entries, relu(entries.values)),
      }[kind]();
      const loss = sum(square(sub(decode(codes, p.W_dec), x)));
      const [dEnc, dBias, dDec] = grad(loss, [p.W_enc, p.b_enc, p.W_dec]) as [Tensor, Tensor, Tensor];
      return { loss, dEnc, dBias, dDec };
    };
    const feeds = {
      x: normal("x", 32, 8),
      W_enc: normal("W_enc", 8, 64),
      b_enc: normal("b_enc", 64),
      W_dec: normal("W_dec", 64, 8),
    };
    expect(await difference(inputs, build, feeds)).toBeLessThan(1e-5);
  });

  test("a training loop", async () => {
    const build = ({ w, xs }: { w: Tensor; xs: Tensor }) => {
      const { carry, ys } = scan({
        carry: { w },
        xs: { x: xs },
        body: (state, { x }) => {
          const loss = mean(square(sub(matmul(x, state.w), sum(x, [1], true))));
          return { carry: { w: sub(state.w, mul(grad(loss, [state.w])[0] as Tensor, 0.1)) }, ys: { loss } };
        },
      });
      return { w: carry.w, loss: ys.loss };
    };
    expect(
      await difference({ w: float32(4, 1), xs: float32(10, 16, 4) }, build, {
        w: normal("w", 4, 1),
        xs: normal("xs", 10, 16, 4),
      }),
    ).toBeLessThan(1e-5);
  });

  test("attention and cross entropy with their gradients", async () => {
    const inputs = { tokens: int64("batch", "seq"), table: float32(11, 8) };
    const build = ({ tokens, table }: { tokens: Tensor; table: Tensor }) => {
      const x = reshape(rmsNorm(gatherRows(table, tokens)), ["batch", "seq", 2, 4]);
      const tables = rotaryTables(tokens, rotaryFrequencies(4));
      const z = attention(rotate(x, tables), rotate(x, tables, "interleaved"), x, {
        mask: causalMask(tokens, { window: 3 }),
        softCap: 5,
      });
      const logits = matmul(reshape(z, ["batch", "seq", 8]), table, { transB: true });
      const loss = div(crossEntropy(logits, tokens), 2);
      return { logits, loss, d: grad(loss, [table])[0] as Tensor };
    };
    const tokens = { data: BigInt64Array.from({ length: 12 }, (_, i) => BigInt((i * 7) % 11)), shape: [2, 6] };
    // WebGPU promises no more than 2⁻¹¹ for the sine and cosine of the rotary tables.
    expect(await difference(inputs, build, { tokens, table: normal("table", 11, 8) })).toBeLessThan(1e-3);
  });

  test("what is fixed is kept in the GPU's memory", async () => {
    const [w, x] = [normal("w", 8, 5), normal("x", 4, 8)];
    const types = { x: float32("n", 8), w: float32(8, 5) };
    const build = ({ x, w }: { x: Tensor; w: Tensor }) => ({ y: relu(matmul(x, w)) });
    const fed = await compile(types, build);
    const kept = await compile(types, build, { provider: "webgpu", fixed: { w } });
    const [{ y: expected }, { y }] = [await fed.run({ x, w }), await kept.run({ x })];
    expect(
      largestDifference(ndArray(y.shape, toNumbers(y)), ndArray(expected.shape, toNumbers(expected))),
    ).toBeLessThan(1e-5);
    await fed.dispose();
    await kept.dispose();
  });
});
