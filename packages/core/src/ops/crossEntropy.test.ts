import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { grad } from "../grad.js";
import { interpret, largestDifference } from "../interpret.js";
import { countOperators, onnxModel, onnxNodes } from "../onnxNodes.testkit.js";
import { fillNormal, key } from "../random.js";
import { placeholder, type Tensor } from "../tensor.js";
import { bool, float32, int64 } from "../tensorType.js";
import { toNumbers } from "../toNumbers.js";
import { crossEntropy, tokenLosses } from "./crossEntropy.js";
import { sum } from "./reduce.js";

const ids = (...values: number[]) => BigInt64Array.from(values, BigInt);

describe("cross entropy", () => {
  test("equal logits cost log(vocab) nats", async () => {
    const program = await compile({ logits: float32(2, 8), targets: int64(2) }, ({ logits, targets }) => ({
      loss: crossEntropy(logits, targets),
    }));
    expect((await program.run({ logits: new Float32Array(16), targets: ids(0, 7) })).loss.data[0]).toBeCloseTo(
      Math.log(8),
      6,
    );
    await program.dispose();
  });

  test("its gradient is softmax minus one-hot, divided by the number of positions", async () => {
    const program = await compile({ logits: float32(2, 2), targets: int64(2) }, ({ logits, targets }) => ({
      d: grad(crossEntropy(logits, targets), [logits])[0] as Tensor,
    }));
    const { d } = await program.run({ logits: Float32Array.of(0, Math.log(3), 0, 0), targets: ids(0, 1) });
    // softmax is [1/4, 3/4] and [1/2, 1/2]
    expect(toNumbers(d)).toEqual([-0.375, 0.375, 0.25, -0.25].map((value) => expect.closeTo(value, 6)));
    await program.dispose();
  });

  test("only kept positions count, in the mean and in the gradient", async () => {
    const inputs = { logits: float32(3, 2), targets: int64(3), keep: bool(3) };
    const program = await compile(inputs, ({ logits, targets, keep }) => {
      const loss = crossEntropy(logits, targets, keep);
      return { loss, d: grad(loss, [logits])[0] as Tensor };
    });
    const { loss, d } = await program.run({
      logits: Float32Array.of(0, 0, 5, -5, 0, 0),
      targets: ids(0, 1, 1),
      keep: Uint8Array.of(1, 0, 1),
    });
    expect(loss.data[0]).toBeCloseTo(Math.log(2), 6);
    expect(toNumbers(d).slice(2, 4)).toEqual([0, 0]);
    await program.dispose();
  });

  test("logits of thousands do not overflow, and a sure target costs nothing", async () => {
    const program = await compile({ logits: float32(2, 2), targets: int64(2) }, ({ logits, targets }) => {
      const losses = tokenLosses(logits, targets);
      return { losses, d: grad(sum(losses), [logits])[0] as Tensor };
    });
    const { losses, d } = await program.run({ logits: Float32Array.of(3000, -3000, 3000, -3000), targets: ids(0, 1) });
    expect(toNumbers(losses)).toEqual([-0, 6000]);
    expect(toNumbers(d)).toEqual([0, 0, 1, -1]);
    await program.dispose();
  });

  test("the mean over no position at all is NaN", async () => {
    const program = await compile(
      { logits: float32(1, 2), targets: int64(1), keep: bool(1) },
      ({ logits, targets, keep }) => ({ loss: crossEntropy(logits, targets, keep) }),
    );
    expect(
      (await program.run({ logits: new Float32Array(2), targets: ids(0), keep: Uint8Array.of(0) })).loss.data[0],
    ).toBeNaN();
    await program.dispose();
  });

  test("no one-hot tensor is built", () => {
    const { graph } = onnxModel(
      { logits: float32("batch", "seq", 50), targets: int64("batch", "seq") },
      ({ logits, targets }) => ({ d: grad(crossEntropy(logits, targets), [logits])[0] as Tensor }),
    );
    const counts = countOperators(onnxNodes(graph));
    expect(counts).toMatchObject({ Softmax: 1, ScatterElements: 1 });
    expect(counts).not.toHaveProperty("OneHot");
    expect(counts).not.toHaveProperty("Equal");
  });

  test("one program serves all sizes", async () => {
    const inputs = { logits: float32("batch", "seq", 5), targets: int64("batch", "seq"), keep: bool("batch", "seq") };
    const build = ({ logits, targets, keep }: { logits: Tensor; targets: Tensor; keep: Tensor }) => {
      const loss = crossEntropy(logits, targets, keep);
      return { losses: tokenLosses(logits, targets), loss, d: grad(loss, [logits])[0] as Tensor };
    };
    const program = await compile(inputs, build);
    const reference = interpret(inputs, build);
    for (const shape of [
      [1, 1],
      [2, 3],
      [1, 7],
      [0, 4],
    ] as const) {
      const count = shape[0] * shape[1];
      const feeds = {
        logits: { data: fillNormal(key(`logits/${shape}`), new Float32Array(5 * count)), shape: [...shape, 5] },
        targets: { data: BigInt64Array.from({ length: count }, (_, i) => BigInt(i % 5)), shape },
        keep: { data: Uint8Array.from({ length: count }, (_, i) => (i % 3 === 1 ? 0 : 1)), shape },
      };
      const [got, expected] = [await program.run(feeds), reference.run(feeds)];
      expect(largestDifference(got.losses, expected.losses), `losses ${shape}`).toBeLessThan(1e-6);
      expect(largestDifference(got.loss, expected.loss), `loss ${shape}`).toBeLessThan(1e-6);
      expect(largestDifference(got.d, expected.d), `gradient ${shape}`).toBeLessThan(1e-6);
    }
    await program.dispose();
  });

  test("errors", () => {
    const logits = placeholder("logits", float32("batch", 4));
    const targets = placeholder("targets", int64("batch"));
    expect(() => crossEntropy(logits, placeholder("targets", float32("batch")))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenLosses: needed float32 logits [..., vocab] and int64 targets [...], got float32[batch, 4] and float32[batch]]`,
    );
    expect(() => crossEntropy(logits, placeholder("targets", int64("batch", 4)))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: tokenLosses: needed float32 logits [..., vocab] and int64 targets [...], got float32[batch, 4] and int64[batch, 4]]`,
    );
    expect(() =>
      crossEntropy(logits, targets, placeholder("keep", float32("batch"))),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: crossEntropy: needed keep to be a bool tensor like targets, got float32[batch] and int64[batch]]`,
    );
  });
});
