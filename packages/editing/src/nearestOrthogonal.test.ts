import { compile, fillNormal, float32, key } from "@sae/core";
import { expect, test } from "vitest";
import { nearestOrthogonal } from "./nearestOrthogonal.js";

const n = 12;
const identity = Float32Array.from({ length: n * n }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));

async function project(updated: Float32Array, before: Float32Array): Promise<Float32Array> {
  const types = { updated: float32(n, n), before: float32(n, n) };
  const program = await compile(types, (args) => ({ q: nearestOrthogonal(args.updated, args.before) }));
  const { q } = await program.run({ updated, before });
  await program.dispose();
  return q.data as Float32Array;
}

/** Σ_k a[k, i] b[k, j]. */
const dot = (a: Float32Array, i: number, b: Float32Array, j: number): number =>
  Array.from({ length: n }, (_, k) => (a[k * n + i] as number) * (b[k * n + j] as number)).reduce((x, y) => x + y);

test.each([1e-3, 1e-2, 5e-2])("is orthogonal after a step of %s in every element, and nearest", async (step) => {
  const noise = fillNormal(key("step"), new Float32Array(n * n));
  const updated = identity.map((value, i) => value + step * Math.sign(noise[i] as number));
  const q = await project(updated, identity);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) expect(dot(q, i, q, j)).toBeCloseTo(i === j ? 1 : 0, 5);
  }
  // Of a polar decomposition the other factor, Qᵀ W, is symmetric: that is what makes Q the nearest.
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) expect(dot(q, i, updated, j)).toBeCloseTo(dot(q, j, updated, i), 5);
  }
});

test("an orthogonal matrix stays, a rotation by a quarter as well as the identity", async () => {
  const turned = Float32Array.from({ length: n * n }, (_, i) => {
    const [row, column] = [Math.floor(i / n), i % n];
    if (row === 0 && column === 1) return -1;
    if (row === 1 && column === 0) return 1;
    return row === column && row > 1 ? 1 : 0;
  });
  for (const one of [identity, turned]) {
    const q = await project(one, one);
    q.forEach((value, i) => {
      expect(value).toBeCloseTo(one[i] as number, 6);
    });
  }
});
