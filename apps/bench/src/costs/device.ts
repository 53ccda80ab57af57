import { SaeError } from "@sae/core";
import { didYouMean } from "../nearest.js";
import type { Cost } from "./cost.js";

/** A machine as far as costs need it. Speeds are of one core where there are several. */
export interface Device {
  readonly name: string;
  readonly cores: number;
  /** Peak in float32, 10⁹ operations a second. */
  readonly gflops: number;
  /** Share of the peak that matrix products are assumed to reach. */
  readonly efficiency: number;
  /** Peak of the memory, 10⁹ bytes a second. */
  readonly gbps: number;
  /** Share of it that passes over large arrays are assumed to reach. */
  readonly memoryEfficiency: number;
  /** To and from JavaScript, 10⁹ bytes a second; null where nothing is copied. */
  readonly feedGbps: number | null;
  readonly resultGbps: number;
  readonly memoryGib: number;
}

/** Plain JavaScript, 10⁹ operations a second. */
const scalarGops = 1;

/** On a CPU inputs are read where they are; results are copied into memory that is touched for the first time. */
const cpu = { feedGbps: null, resultGbps: 2 };
/** Through PCI Express, and on into memory that is touched for the first time. */
const gpu = { cores: 1, feedGbps: 20, resultGbps: 4, efficiency: 0.5, memoryEfficiency: 0.7 };

/** The machines that have a name. Those with a GPU are datasheet numbers: nothing here was ever run on one. */
export const devices: readonly Device[] = [
  // 2 · 8 lanes of AVX2 at 3.1 GHz, an addition and a multiplication each.
  {
    ...cpu,
    name: "laptop-2-core",
    cores: 2,
    gflops: 100,
    efficiency: 0.6,
    gbps: 12,
    memoryEfficiency: 0.7,
    memoryGib: 16,
  },
  { ...gpu, name: "a100", gflops: 19_500, gbps: 2039, memoryGib: 80 },
  { ...gpu, name: "h100", gflops: 66_900, gbps: 3350, memoryGib: 80 },
];

/**
 * A device by its name, or by measured speeds: `GFLOPS,GBps,GiB` or `GFLOPS,GBps,GiB,CORES`, of a core where there are several.
 *
 * @throws SaeError `bad_option`, without the name of the option in the message
 */
export function parseDevice(text: string): Device {
  const known = devices.find(({ name }) => name === text);
  if (known) return known;
  const numbers = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const [gflops, gbps, memoryGib, cores = 1] = numbers;
  const isMeasured = numbers.length >= 3 && numbers.length <= 4 && numbers.every((value) => value > 0);
  if (isMeasured && Number.isInteger(cores) && numbers.every(Number.isFinite)) {
    return { ...cpu, name: text, cores, gflops, efficiency: 1, gbps, memoryEfficiency: 1, memoryGib };
  }
  const names = devices.map(({ name }) => name);
  throw new SaeError(
    "bad_option",
    `needed ${names.join(", ")} or GFLOPS,GBps,GiB[,CORES] as \`perf\` prints them, got '${text}'${didYouMean(text, names)}`,
  );
}

/** The option that names a device as it was measured. */
export const deviceText = ({
  gflops,
  gbps,
  memoryGib,
  cores,
}: Pick<Device, "gflops" | "gbps" | "memoryGib" | "cores">): string =>
  [gflops, gbps, memoryGib, ...(cores > 1 ? [cores] : [])].map((value) => `${Number(value.toPrecision(3))}`).join(",");

/** Largest memory of a job. */
export const memoryOn = ({ feedGbps }: Device, { memoryBytes, copyBytes }: Cost): number =>
  memoryBytes + (feedGbps === null ? 0 : copyBytes);

/** Seconds of work, none of it overlapping. */
export function secondsOn(device: Device, cost: Cost): number {
  const { gflops, efficiency, gbps, memoryEfficiency, feedGbps, resultGbps, cores } = device;
  const width = cost.allCores ? cores : 1;
  return (
    cost.flops / (1e9 * gflops * efficiency * width) +
    cost.passBytes / (1e9 * gbps * memoryEfficiency * width) +
    cost.scalarOps / (1e9 * scalarGops) +
    (feedGbps === null ? 0 : cost.feedBytes / (1e9 * feedGbps)) +
    cost.resultBytes / (1e9 * resultGbps)
  );
}

/** What is assumed of a device, in a sentence. */
export function deviceSentence({ name, cores, gflops, efficiency, gbps, memoryEfficiency, memoryGib }: Device): string {
  const percent = (share: number) => (share === 1 ? "" : `, ${Math.round(100 * share)} % of it reached`);
  const each = cores === 1 ? "" : `${cores} cores, each `;
  return `On ${name}: ${each}${gflops} GFLOP/s in float32${percent(efficiency)}; ${gbps} GB/s of memory${percent(memoryEfficiency)}; ${memoryGib} GiB.`;
}
