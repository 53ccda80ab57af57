import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Merge, mergeBpe, mergeTable } from "./mergeBpe.js";
import { plainMerge } from "./mergeBpe.testkit.js";

const [a, b, ab, aa, aba] = [0, 1, 2, 3, 4];

describe("mergeBpe", () => {
  const table = mergeTable([
    { left: a, right: b, merged: ab, priority: 0 },
    { left: ab, right: a, merged: aba, priority: 1 },
    { left: a, right: a, merged: aa, priority: 2 },
  ]);

  it.each([
    ["nothing", [], [], []],
    ["one symbol", [a], [a], [0]],
    ["no merge", [b, b], [b, b], [0, 1]],
    ["smallest priority first: aababa → a(ab)(ab)a → a(ab)(aba)", [a, a, b, a, b, a], [a, ab, aba], [0, 1, 3]],
    ["leftmost of equals: aaa → (aa)a", [a, a, a], [aa, a], [0, 2]],
    ["negative symbols never merge", [a, -1, b, a, b], [a, -1, b, ab], [0, 1, 2, 3]],
  ])("%s", (_, given, symbols, firsts) => {
    expect(mergeBpe(given, table)).toEqual({ symbols, firsts });
  });

  it("does what the plain loop does, whatever the merges", () => {
    const symbol = fc.integer({ min: 0, max: 6 });
    const merge = fc.record({ left: symbol, right: symbol, priority: fc.integer({ min: 0, max: 5 }) });
    fc.assert(
      fc.property(
        fc.array(merge, { maxLength: 20 }),
        fc.array(fc.integer({ min: -1, max: 6 }), { maxLength: 40 }),
        (pairs, given) => {
          // Every merge makes a symbol of its own, which can be merged again.
          const merges: Merge[] = pairs.map((pair, index) => ({
            ...pair,
            merged: index % 3 === 0 ? 7 + index : index % 7,
          }));
          const { symbols, firsts } = mergeBpe(given, mergeTable(merges));
          expect(symbols).toEqual(plainMerge(given, merges));
          expect(firsts).toHaveLength(symbols.length);
          expect(firsts).toEqual([...new Set(firsts)].sort((x, y) => x - y));
        },
      ),
      { numRuns: 500 },
    );
  });

  it("takes a long text of one letter", () => {
    const { symbols } = mergeBpe(new Int32Array(100_001), table);
    expect(symbols).toHaveLength(50_001);
    expect(symbols.at(-1)).toBe(a);
  });
});
