import { expect, test } from "vitest";
import { cutContext, mixContexts, mixedContexts } from "./contexts.js";

const cut = (tokens: number[], index: number, length: number): number[] => {
  const out = new Int32Array(length);
  cutContext(Uint16Array.from(tokens), index, 1, out);
  return Array.from(out);
};

test("contexts follow each other, begin with the begin token, and begin again cut elsewhere", () => {
  const stream = [1, 10, 11, 1, 12, 13, 14]; // two documents
  expect(cut(stream, 0, 4)).toEqual([1, 10, 11, 1]);
  expect(cut(stream, 1, 4)).toEqual([1, 12, 13, 14]);
  expect(cut(stream, 2, 4)).toEqual([1, 14, 1, 10]); // the end of the stream, then its start
  expect(cut(stream, 3, 4)).toEqual([1, 11, 1, 12]);
});

test("each source has its share of the contexts at every point of the run", () => {
  const shares = [0.5, 0.3, 0.2, 0];
  const { source, index } = mixContexts(shares, 1000);
  const taken = shares.map(() => 0);
  source.forEach((of, i) => {
    expect(index[i]).toBe(taken[of]);
    taken[of]++;
    shares.forEach((share, s) => {
      expect(Math.abs(taken[s] - share * (i + 1))).toBeLessThanOrEqual(1);
    });
  });
  expect(taken).toEqual([500, 300, 200, 0]);
  expect(mixContexts([1], 0)).toEqual({ source: new Uint8Array(0), index: new Uint32Array(0) });
});

test("the contexts of a step do not depend on the steps before it", async () => {
  const streams = [
    { name: "low", tokens: Uint16Array.from({ length: 100 }, (_, i) => 2 + i) },
    { name: "high", tokens: Uint16Array.from({ length: 50 }, (_, i) => 1000 + i) },
  ];
  const source = () => mixedContexts(streams, { low: 3, high: 1 }, { contexts: 40, nCtx: 8, bos: 1, identity: {} });
  const [ordered, direct] = [source(), source()];
  const [a, b] = [new Int32Array(4 * 9), new Int32Array(4 * 9)];
  for (let step = 0; step <= 6; step++) await ordered.contexts(step, a);
  await direct.contexts(6, b);
  expect(a).toEqual(b);
  expect(ordered.counts).toEqual({ low: 30, high: 10 });
  const rows = Array.from({ length: 4 }, (_, row) => b[row * 9 + 1] >= 1000);
  expect(rows.filter(Boolean)).toHaveLength(1);
});
