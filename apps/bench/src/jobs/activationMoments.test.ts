import { join } from "node:path";
import { fillNormal, key, writeNpy } from "@sae/core";
import { expect, test } from "vitest";
import { temporaryFolder } from "../runCli.testkit.js";
import { activationMoments, sinksText } from "./activationMoments.js";

const folder = await temporaryFolder();
const [rows, dModel] = [5000, 4]; // more rows than are read at once

async function momentsOf(change: (x: Float32Array) => void) {
  const x = fillNormal(key("activations"), new Float32Array(rows * dModel));
  change(x);
  const path = join(folder, "x.npy");
  await writeNpy(path, { dtype: "float32", data: x, shape: [rows, dModel] });
  return { x, ...(await activationMoments(path)) };
}

test("ordinary activations have a mean and no sinks", async () => {
  const { x, mean, sinks } = await momentsOf(() => {});
  for (let i = 0; i < dModel; i++) {
    const own = x.filter((_, at) => at % dModel === i);
    expect(mean[i]).toBeCloseTo(own.reduce((sum, value) => sum + value, 0) / rows, 5);
  }
  expect(sinks).toEqual({ count: 0, rows, varianceShare: 0 });
  expect(sinksText(sinks)).toBeNull();
});

test("a few rows a hundred times as long hold most of the variance, and it is said", async () => {
  const { sinks } = await momentsOf((x) => {
    for (let row = 0; row < rows; row += 500) for (let i = 0; i < dModel; i++) x[row * dModel + i] = i === 0 ? 200 : 0;
  });
  // 10 rows of 200², and 4990 rows of about 4
  expect(sinks).toMatchObject({ count: 10, rows });
  expect(sinks.varianceShare).toBeGreaterThan(0.94);
  expect(sinks.varianceShare).toBeLessThan(0.96);
  expect(sinksText(sinks)).toContain("0.2 % of the activations are longer than 10 median norms and hold 95 % of the");
});

test("zeros alone have no variance to hold", async () => {
  const { sinks } = await momentsOf((x) => x.fill(0));
  expect(sinks).toEqual({ count: 0, rows, varianceShare: 0 });
});
