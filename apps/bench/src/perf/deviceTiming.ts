import { availableParallelism, totalmem } from "node:os";
import { compile, fillNormal, float32, key, matmul, mul, slice, sum } from "@sae/core";
import { type Device, deviceText } from "../costs/device.js";
import { median } from "./median.js";

/** Speeds of one core of this machine, as estimates want them. */
export type DeviceTiming = Pick<Device, "cores" | "gflops" | "gbps" | "memoryGib">;

/** A product [rows, inner] · [inner, columns], and the elements that a pass goes over. */
export interface DeviceShape {
  readonly rows: number;
  readonly inner: number;
  readonly columns: number;
  readonly elements: number;
}

/** A quarter of a second of products, and 64 MB: more than a cache holds. */
const shape: DeviceShape = { rows: 2048, inner: 1024, columns: 4096, elements: 1 << 24 };

/** Seconds of a function, the median of several calls after a first one. */
async function seconds(rounds: number, run: () => Promise<unknown>): Promise<number> {
  await run();
  const times: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    await run();
    times.push((performance.now() - start) / 1000);
  }
  return median(times);
}

/** Times a matrix product and a pass over memory on one thread. Only a number of each leaves the session. */
export async function timeDevice(
  rounds: number,
  { rows, inner, columns, elements }: DeviceShape = shape,
): Promise<DeviceTiming> {
  const product = await compile({ a: float32(rows, inner), b: float32(inner, columns) }, ({ a, b }) => ({
    y: slice(matmul(a, b), 0, 0, 1),
  }));
  const operands = {
    a: fillNormal(key("a"), new Float32Array(rows * inner)),
    b: fillNormal(key("b"), new Float32Array(inner * columns)),
  };
  const productSeconds = await seconds(rounds, () => product.run(operands));
  await product.dispose();
  const pass = await compile({ x: float32(elements) }, ({ x }) => ({ y: sum(mul(x, 2)) }));
  const x = fillNormal(key("x"), new Float32Array(elements));
  const passSeconds = await seconds(rounds, () => pass.run({ x }));
  await pass.dispose();
  return {
    gflops: (2 * rows * inner * columns) / productSeconds / 1e9,
    gbps: (3 * 4 * elements) / passSeconds / 1e9, // read and written by the product with 2, read by the sum
    memoryGib: totalmem() / 2 ** 30,
    cores: availableParallelism(),
  };
}

/** What a machine is for estimates, and the option that says so. */
export const deviceLine = (timing: DeviceTiming): string =>
  `this machine, for estimates: --dry-run --device ${deviceText(timing)} (GFLOP/s in matrix products and GB/s of memory of a core, GiB, cores)`;
