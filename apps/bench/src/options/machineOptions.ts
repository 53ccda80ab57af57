import { availableParallelism } from "node:os";
import { type Provider, resolveProvider, SaeError } from "@sae/core";
import { type Device, devices, parseDevice } from "../costs/device.js";
import { choice, count, flag, type Option, real, type Values, word } from "./option.js";

const group = "This machine";
const output = "Output";

/** Options that every command has which runs jobs. None of them changes a result beyond rounding. */
export const machineOptions = {
  workers: count({
    describe: "processes that run jobs at once",
    otherwise: "one for each core, as far as there are jobs; one on a GPU",
    group,
  }),
  provider: choice({
    of: ["auto", "cpu", "cuda", "webgpu"],
    describe: "onnxruntime execution provider of every program: training, passes through a language model, evaluations",
    otherwise: "auto: CUDA where it is installed, else the CPU",
    group,
    code: "unknown_provider",
  }),
  threads: count({
    describe: "threads of each job on the CPU; more than one changes the order of sums, hence the last digits",
    otherwise: "1",
    group,
  }),
  checkpointSeconds: real({
    describe: "least time between two checkpoints, in seconds",
    otherwise: "60",
    least: 0,
    hint: "S",
    group,
  }),
  out: word({ describe: "folder for results", otherwise: "runs", hint: "DIR", group: output }),
  json: flag({ describe: "print the result as one line of JSON on stdout", group: output }),
  quiet: flag({ describe: "no progress on stderr", group: output }),
  debug: flag({ describe: "print stack traces with errors", group: output }),
  dryRun: flag({
    describe: "list the jobs, done or not, with estimates of their arithmetic, memory, disk and time, and run none",
    group: output,
  }),
  device: {
    describe: `with --dry-run: what to estimate for: ${devices.map(({ name }) => name).join(", ")}, or speeds as \`perf\` prints them`,
    hint: "NAME|GFLOPS,GBps,GiB[,CORES]",
    otherwise: devices[0].name,
    group: output,
    parse: parseDevice,
  } satisfies Option<Device>,
};

/** How and where jobs run. */
export interface Machine {
  readonly provider: Provider;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly dryRun: boolean;
  /** What a dry run estimates for. */
  readonly device: Device;
  /** Facts for the jobs. */
  readonly local: Readonly<Record<string, string>>;
  /** Processes for so many jobs. */
  workersFor(jobs: number): number;
}

/** @throws SaeError `provider_missing`, `bad_option` */
export function machineOf(values: Partial<Values<typeof machineOptions>>): Machine {
  const { workers, threads, checkpointSeconds, quiet = false, json = false, dryRun = false, device } = values;
  if (device && !dryRun) throw new SaeError("bad_option", "--device: is for estimates, give --dry-run with it");
  const provider = resolveProvider(values.provider ?? "auto");
  const most = provider === "cpu" ? Math.floor(availableParallelism() / (threads ?? 1)) : 1;
  return {
    provider,
    quiet,
    json,
    dryRun,
    device: device ?? devices[0],
    local: {
      provider,
      ...(threads !== undefined && { threads: `${threads}` }),
      ...(checkpointSeconds !== undefined && { checkpointMs: `${1000 * checkpointSeconds}` }),
    },
    workersFor: (jobs) => Math.max(1, Math.min(workers ?? most, jobs)),
  };
}
