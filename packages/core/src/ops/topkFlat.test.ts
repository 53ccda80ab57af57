import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compile } from "../compile.js";
import { onnxModel, onnxNodes } from "../onnxNodes.testkit.js";
import type { Tensor } from "../tensor.js";
import { float32 } from "../tensorType.js";
import { toNumbers } from "../toNumbers.js";
import { topkFlatOp } from "./topkFlat.js";

const descending = (values: number[]) => [...values].sort((a, b) => b - a);

/** The k largest of a vector and their places, from one program per size. */
async function topkFlat(values: number[], k: number) {
  const program = await compile({ x: float32(values.length) }, ({ x }) => {
    const [chosen, places] = topkFlatOp([x], { k }) as [Tensor, Tensor];
    return { chosen, places };
  });
  const { chosen, places } = await program.run({ x: Float32Array.from(values) });
  await program.dispose();
  return { chosen: toNumbers(chosen), places: toNumbers(places) };
}

function check(values: number[], k: number, { chosen, places }: { chosen: number[]; places: number[] }) {
  expect(descending(chosen)).toEqual(descending(values).slice(0, k));
  expect(chosen).toEqual(places.map((place) => values[place]));
  expect(places).toEqual([...new Set(places)].sort((a, b) => a - b)); // in order, none twice
}

describe("the k largest of a vector", () => {
  test("in two stages is what a sort gives", async () => {
    const groups = fc.integer({ min: 2, max: 12 });
    await fc.assert(
      fc.asyncProperty(
        groups,
        fc.nat(),
        fc.infiniteStream(fc.oneof(fc.integer({ min: -3, max: 3 }), fc.constantFrom(-Infinity, Infinity))),
        async (count, kSeed, stream) => {
          const values = Array.from({ length: 32 * count }, () => stream.next().value as number);
          const k = kSeed % count;
          check(values, k, await topkFlat(values, k));
        },
      ),
      { numRuns: 40 },
    );
  });

  test("in one stage as well", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        async (values, kSeed) => {
          const k = kSeed % (values.length + 1);
          check(values, k, await topkFlat(values, k));
        },
      ),
      { numRuns: 30 },
    );
  });

  test("all of the largest in one group, and one in each", async () => {
    const clustered = Array.from({ length: 320 }, (_, i) => (i >= 64 && i < 73 ? 1000 - i : -i));
    check(clustered, 9, await topkFlat(clustered, 9));
    const spread = Array.from({ length: 320 }, (_, i) => (i % 32 === 5 ? i : 0));
    check(spread, 9, await topkFlat(spread, 9));
  });

  test("of NaN some, but k places in all", async () => {
    for (const n of [31, 320]) {
      const values = Array.from({ length: n }, (_, i) => (i % 3 === 0 ? Number.NaN : i));
      const { places } = await topkFlat(values, 5);
      expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
      expect(places.length).toBe(5);
    }
  });

  test("goes in two stages only when there are more groups than wanted values", () => {
    const stages = (n: number, k: number) =>
      onnxNodes(onnxModel({ x: float32(n) }, ({ x }) => ({ y: topkFlatOp([x], { k })[0] as Tensor })).graph).filter(
        ({ opType }) => opType === "ReduceMax",
      ).length;
    expect(stages(320, 9)).toBe(1);
    expect(stages(320, 10)).toBe(0);
    expect(stages(321, 1)).toBe(0);
  });
});
