import { fillNormal, key } from "@sae/core";
import { expect, it } from "vitest";
import { symmetricEigen } from "./symmetricEigen.js";
for (const [n, k] of [[1,1],[2,2],[64, 64], [300,20],[512, 512], [1024, 1024]]) it(`${n}`, () => {
  const g = fillNormal(key(1), new Float64Array(n * k));
  const a = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) { let t = 0; for (let q = 0; q < k; q++) t += g[i * k + q] * g[j * k + q]; a[i * n + j] = a[j * n + i] = t; }
  const t0 = performance.now();
  const { values, vectors } = symmetricEigen(a, n);
  const ms = performance.now() - t0;
  let worst = 0, orth = 0;
  for (let r = 0; r < n; r += 37) { for (let i = 0; i < n; i++) { let t = 0; for (let j = 0; j < n; j++) t += a[i * n + j] * vectors[r * n + j]; worst = Math.max(worst, Math.abs(t - values[r] * vectors[r * n + i])); }
   for (let q = 0; q < n; q++) { let t = 0; for (let j = 0; j < n; j++) t += vectors[q * n + j] * vectors[r * n + j]; orth = Math.max(orth, Math.abs(t - (q === r ? 1 : 0))); } }
  console.log(n, k, ms.toFixed(0), worst / values[0], orth, values[0], values[n - 1]);
});
