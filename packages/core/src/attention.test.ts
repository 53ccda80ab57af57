import { describe, expect, test } from "vitest";
import { attend, attention, attentionPattern, causalMask } from "./attention.js";
import { compile } from "./compile.js";
import { grad } from "./grad.js";
import { interpret, largestDifference } from "./interpret.js";
import { sum } from "./ops/reduce.js";
import { square } from "./ops/unary.js";
import { fillNormal, key } from "./random.js";
import { placeholder, type Tensor } from "./tensor.js";
import { bool, float32 } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";

const normal = (name: string, ...shape: number[]) => ({
  data: fillNormal(key(name), new Float32Array(shape.reduce((a, b) => a * b, 1))),
  shape,
});

/** The mask of a sequence as rows of 1 (may attend) and 0. */
async function allowed(seq: number, options: { keep?: number[]; window?: number }) {
  const program = await compile(
    { tokens: float32("batch", "seq"), keep: bool("batch", "seq") },
    ({ tokens, keep }) => ({
      mask: causalMask(tokens, { window: options.window, keep: options.keep && keep }),
    }),
  );
  const keep = { data: Uint8Array.from(options.keep ?? new Array(seq).fill(1)), shape: [1, seq] };
  const { mask } = await program.run({ tokens: normal("tokens", 1, seq), keep });
  await program.dispose();
  expect(mask.shape).toEqual([1, seq, seq]);
  return Array.from({ length: seq }, (_, i) =>
    Array.from(mask.data.slice(i * seq, (i + 1) * seq) as Float32Array, (value) => (value === 0 ? 1 : 0)).join(""),
  );
}

describe("the mask", () => {
  test("is causal", async () => expect(await allowed(4, {})).toEqual(["1000", "1100", "1110", "1111"]));
  test("forgets what left the window", async () =>
    expect(await allowed(4, { window: 2 })).toEqual(["1000", "1100", "0110", "0011"]));
  test("leaves padding out", async () =>
    expect(await allowed(4, { keep: [0, 1, 1, 0] })).toEqual(["0000", "0100", "0110", "0110"]));
  test("of one token is that token", async () => expect(await allowed(1, { window: 5, keep: [1] })).toEqual(["1"]));
});

describe("attention", () => {
  test("mixes values by softmax of scaled dot products", async () => {
    const inputs = { q: float32(1, 1, 1, 4), k: float32(1, 2, 1, 4), v: float32(1, 2, 1, 4) };
    const program = await compile(inputs, ({ q, k, v }) => ({
      pattern: attentionPattern(q, k),
      z: attention(q, k, v),
    }));
    const log3 = Math.log(3);
    const { pattern, z } = await program.run({
      q: Float32Array.of(2, 0, 0, 0),
      k: Float32Array.of(log3, 0, 0, 0, 0, 9, 9, 9), // scores log 3 and 0 after the division by √4
      v: Float32Array.of(4, 0, 0, 0, 0, 8, 0, 0),
    });
    expect(toNumbers(pattern)).toEqual([0.75, 0.25].map((p) => expect.closeTo(p, 6)));
    expect(toNumbers(z)).toEqual([3, 2, 0, 0].map((value) => expect.closeTo(value, 5)));
    await program.dispose();
  });

  test("soft cap: scores never exceed it", async () => {
    const program = await compile({ q: float32(1, 1, 1, 1), k: float32(1, 2, 1, 1) }, ({ q, k }) => ({
      pattern: attentionPattern(q, k, { scale: 1, softCap: 2 }),
    }));
    const { pattern } = await program.run({ q: Float32Array.of(1), k: Float32Array.of(1e6, -1e6) });
    expect(pattern.data[0]).toBeCloseTo(1 / (1 + Math.exp(-4)), 6); // scores ±2
    await program.dispose();
  });

  test("a later token changes nothing before it", async () => {
    const program = await compile({ x: float32(1, 5, 2, 4) }, ({ x }) => ({
      z: attention(x, x, x, { mask: causalMask(x) }),
    }));
    const x = normal("x", 1, 5, 2, 4);
    const changed = { ...x, data: x.data.map((value, i) => (i >= 4 * 8 ? -value : value)) }; // the last token
    const [before, after] = [await program.run({ x }), await program.run({ x: changed })];
    expect(after.z.data.slice(0, 32)).toEqual(before.z.data.slice(0, 32));
    expect(after.z.data.slice(32)).not.toEqual(before.z.data.slice(32));
    await program.dispose();
  });

  test("grouped heads share keys and values as if those were repeated", async () => {
    const program = await compile(
      { q: float32(1, 3, 4, 2), k: float32(1, 3, 2, 2), repeated: float32(1, 3, 4, 2) },
      ({ q, k, repeated }) => ({
        grouped: attention(q, k, k, { mask: causalMask(q) }),
        single: attention(q, repeated, repeated, { mask: causalMask(q) }),
      }),
    );
    const k = normal("k", 1, 3, 2, 2);
    const heads = Array.from({ length: 3 }, (_, t) =>
      [0, 0, 1, 1].flatMap((h) => Array.from(k.data.slice(t * 4 + h * 2, t * 4 + h * 2 + 2))),
    );
    const { grouped, single } = await program.run({
      q: normal("q", 1, 3, 4, 2),
      k,
      repeated: Float32Array.from(heads.flat()),
    });
    expect(grouped.data).toEqual(single.data);
    await program.dispose();
  });

  test("a query with nothing to attend to mixes all keys evenly, without NaN", async () => {
    const program = await compile({ x: float32(1, 2, 1, 1), keep: bool(1, 2) }, ({ x, keep }) => ({
      pattern: attentionPattern(x, x, { mask: causalMask(x, { keep }) }),
    }));
    const { pattern } = await program.run({ x: Float32Array.of(1, 2), keep: Uint8Array.of(0, 1) });
    expect(toNumbers(pattern)).toEqual([0.5, 0.5, 0, 1]);
    await program.dispose();
  });

  test("keys can be of another number than queries", async () => {
    const program = await compile(
      { q: float32("batch", "seq", 2, 3), k: float32("batch", "keys", 1, 3) },
      ({ q, k }) => ({ z: attention(q, k, k) }),
    );
    expect((await program.run({ q: normal("q", 2, 1, 2, 3), k: normal("k", 2, 4, 1, 3) })).z.shape).toEqual([
      2, 1, 2, 3,
    ]);
    await program.dispose();
  });
});

test("one program serves all sizes, its gradients included", async () => {
  const inputs = {
    q: float32("batch", "seq", 4, 6),
    k: float32("batch", "seq", 2, 6),
    v: float32("batch", "seq", 2, 6),
    keep: bool("batch", "seq"),
  };
  const build = ({ q, k, v, keep }: { [Name in keyof typeof inputs]: Tensor }) => {
    const pattern = attentionPattern(q, k, { mask: causalMask(q, { keep, window: 3 }), softCap: 3 });
    const z = attend(pattern, v);
    const [dq, dk, dv] = grad(sum(square(z)), [q, k, v]) as [Tensor, Tensor, Tensor];
    return { pattern, z, dq, dk, dv };
  };
  const program = await compile(inputs, build);
  const reference = interpret(inputs, build);
  for (const [batch, seq] of [
    [1, 1],
    [2, 5],
    [3, 1],
    [1, 9],
    [0, 3],
    [1, 0],
  ] as const) {
    const keep = {
      data: Uint8Array.from({ length: batch * seq }, (_, i) => (i % 4 === 1 ? 0 : 1)),
      shape: [batch, seq],
    };
    const feeds = {
      q: normal("q", batch, seq, 4, 6),
      k: normal("k", batch, seq, 2, 6),
      v: normal("v", batch, seq, 2, 6),
      keep,
    };
    const [got, expected] = [await program.run(feeds), reference.run(feeds)];
    for (const name of ["pattern", "z", "dq", "dk", "dv"] as const) {
      expect(largestDifference(got[name], expected[name]), `${name} at ${batch} × ${seq}`).toBeLessThan(2e-6);
    }
  }
  await program.dispose();
});

test("errors", () => {
  const q = placeholder("q", float32("batch", "seq", 4, 6));
  expect(() => attentionPattern(q, placeholder("k", float32("batch", "seq", 3, 6)))).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: attentionPattern: needed q [batch, seq, heads, dHead] and k [batch, keys, kvHeads, dHead] with heads a multiple of kvHeads, got float32[batch, seq, 4, 6] and float32[batch, seq, 3, 6]]`,
  );
  expect(() =>
    attend(placeholder("pattern", float32("batch", 4, "seq", "keys")), q),
  ).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: attend: needed pattern [batch, heads, seq, keys] and v [batch, keys, kvHeads, dHead] with heads a multiple of kvHeads, got float32[batch, 4, seq, keys] and float32[batch, seq, 4, 6]]`,
  );
  expect(() => causalMask(q, { keep: placeholder("keep", bool("batch", 7)) })).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: causalMask: needed a tensor [batch, seq, ...] and keep bool [batch, seq], got float32[batch, seq, 4, 6] and bool[batch, 7]]`,
  );
  expect(() =>
    attention(q, q, q, { mask: placeholder("mask", float32(1, "other", "seq")) }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: reshape: needed as many elements as [1, 1, seq, seq], got float32[1, other, seq]]`,
  );
});
