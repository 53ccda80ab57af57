import { describe, expect, test } from "vitest";
import { compile } from "./compile.js";
import { interpret, largestDifference } from "./interpret.js";
import { arangeLike } from "./ops/arange.js";
import { rowDot } from "./ops/matmul.js";
import { fillNormal, key } from "./random.js";
import { rotaryFrequencies, rotaryTables, rotate } from "./rotary.js";
import { placeholder, type Tensor } from "./tensor.js";
import { float32, int64 } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";

const closeTo = (values: number[]) => values.map((value) => expect.closeTo(value, 5));

/** Turns one vector at one position. */
async function turn(x: number[], position: number, frequencies: number[], layout: "split" | "interleaved") {
  const program = await compile({ x: float32(1, 1, x.length), positions: int64(1) }, (args) => ({
    y: rotate(args.x, rotaryTables(args.positions, frequencies), layout),
  }));
  const { y } = await program.run({ x: Float32Array.from(x), positions: BigInt64Array.of(BigInt(position)) });
  await program.dispose();
  return toNumbers(y);
}

describe("rotary position embedding", () => {
  test("a quarter turn takes (1, 0) to (0, 1)", async () => {
    expect(await turn([1, 0], 1, [Math.PI / 2], "split")).toEqual(closeTo([0, 1]));
    expect(await turn([1, 0], 2, [Math.PI / 2], "split")).toEqual(closeTo([-1, 0]));
    expect(await turn([3, 4], 0, [Math.PI / 2], "split")).toEqual([3, 4]);
  });

  test("the two layouts pair different features", async () => {
    const quarter = [Math.PI / 2, Math.PI / 2];
    expect(await turn([1, 2, 3, 4], 1, quarter, "split")).toEqual(closeTo([-3, -4, 1, 2])); // pairs (1, 3) and (2, 4)
    expect(await turn([1, 2, 3, 4], 1, quarter, "interleaved")).toEqual(closeTo([-2, 1, -4, 3])); // pairs (1, 2) and (3, 4)
  });

  test("features behind the turned ones stay", async () => {
    expect(await turn([1, 0, 5, 6, 7], 1, [Math.PI / 2], "split")).toEqual(closeTo([0, 1, 5, 6, 7]));
    expect(await turn([1, 0, 5, 6, 7], 1, [Math.PI / 2], "interleaved")).toEqual(closeTo([0, 1, 5, 6, 7]));
  });

  test("frequencies fall from 1 by powers of the base", () => {
    expect(rotaryFrequencies(4, 100)).toEqual([1, 0.1]);
    expect(rotaryFrequencies(0)).toEqual([]);
  });

  test.each(["split", "interleaved"] as const)(
    "a dot product depends on the distance of the positions only (%s)",
    async (layout) => {
      const program = await compile(
        { q: float32(1, 1, 8), k: float32(1, 1, 8), i: int64(1), j: int64(1) },
        ({ q, k, i, j }) => {
          const at = (x: Tensor, position: Tensor) => rotate(x, rotaryTables(position, rotaryFrequencies(8)), layout);
          return { dot: rowDot(at(q, i), at(k, j)) };
        },
      );
      const [q, k] = ["q", "k"].map((name) => fillNormal(key(name), new Float32Array(8))) as [
        Float32Array,
        Float32Array,
      ];
      const dot = async (i: number, j: number) => {
        const results = await program.run({ q, k, i: BigInt64Array.of(BigInt(i)), j: BigInt64Array.of(BigInt(j)) });
        return results.dot.data[0] as number;
      };
      expect(await dot(7, 4)).toBeCloseTo(await dot(3, 0), 4);
      expect(await dot(107, 104)).toBeCloseTo(await dot(3, 0), 4);
      await program.dispose();
    },
  );

  test("one program serves all sizes", async () => {
    const inputs = { x: float32("batch", "seq", 3, 6) };
    const build = ({ x }: { x: Tensor }) => {
      const tables = rotaryTables(arangeLike(x, 1), rotaryFrequencies(4)); // [seq, 2]
      return { split: rotate(x, tables), interleaved: rotate(x, tables, "interleaved") };
    };
    const program = await compile(inputs, build);
    const reference = interpret(inputs, build);
    for (const [batch, seq] of [
      [1, 1],
      [2, 5],
      [0, 3],
      [1, 200],
    ] as const) {
      const x = { data: fillNormal(key("x"), new Float32Array(batch * seq * 18)), shape: [batch, seq, 3, 6] };
      const [got, expected] = [await program.run({ x }), reference.run({ x })];
      expect(largestDifference(got.split, expected.split), `${batch} × ${seq}`).toBeLessThan(2e-5);
      expect(largestDifference(got.interleaved, expected.interleaved), `${batch} × ${seq}`).toBeLessThan(2e-5);
    }
    await program.dispose();
  });

  test("errors", () => {
    const x = placeholder("x", float32("batch", "seq", 2, 4));
    const positions = placeholder("positions", int64("batch", "seq"));
    expect(() => rotate(x, rotaryTables(positions, rotaryFrequencies(6)))).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: rotate: needed x [..., seq, heads, dHead] and tables [..., seq, pairs] of its positions, 2 · pairs <= dHead, got float32[batch, seq, 2, 4] and float32[batch, seq, 3]]`,
    );
    expect(() =>
      rotate(placeholder("x", float32(1, "seq", 2, 4)), rotaryTables(positions, [1])),
    ).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: rotate: needed x [..., seq, heads, dHead] and tables [..., seq, pairs] of its positions, 2 · pairs <= dHead, got float32[1, seq, 2, 4] and float32[batch, seq, 1]]`,
    );
    expect(() => rotaryTables(placeholder("positions", float32("seq")), [1])).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: rotaryTables: needed int64 positions [..., seq], got float32[seq]]`,
    );
  });
});
