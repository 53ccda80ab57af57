import { describe, expect, it } from "vitest";
import { heldOutBatches } from "./heldOutBatches.js";

/** A source that holds so many rows out. */
const holding = (rows: number) => ({ heldOutBatches: (batch: number) => Math.floor(rows / batch) });

describe("held-out rows are read", () => {
  it("in batches of training's size, as many as hold the rows that are wanted", () => {
    expect(heldOutBatches(holding(10_000), 100, 64)).toEqual({ batch: 64, batches: 2 });
    expect(heldOutBatches(holding(Number.POSITIVE_INFINITY), 128, 64)).toEqual({ batch: 64, batches: 2 });
  });

  it("as far as there are whole ones", () => {
    expect(heldOutBatches(holding(200), 1e6, 64)).toEqual({ batch: 64, batches: 3 });
  });

  it("in smaller batches where there are fewer rows than a batch has", () => {
    expect(heldOutBatches(holding(890), 1e6, 4096)).toEqual({ batch: 512, batches: 1 });
    expect(heldOutBatches(holding(63), 1e6, 64)).toEqual({ batch: 32, batches: 1 });
    expect(heldOutBatches(holding(3), 1, 5)).toEqual({ batch: 3, batches: 1 });
    expect(heldOutBatches(holding(1), 1e6, 4096)).toEqual({ batch: 1, batches: 1 });
  });

  it("and not at all where there are none", () => {
    expect(() => heldOutBatches(holding(0), 100, 64)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: held-out activations: needed at least one for thresholds and evaluation, got none; raise --held-out, or give more activations]`,
    );
  });
});
