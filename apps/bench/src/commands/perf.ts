import { variants } from "@sae/autoencoders";
import { SaeError } from "@sae/core";
import { defineCommand } from "citty";
import { findVariant } from "../jobs/findByName.js";
import { type DeviceTiming, deviceLine, timeDevice } from "../perf/deviceTiming.js";
import { type ModelTiming, modelPerfShapes, timeModel } from "../perf/modelTiming.js";
import { measureMemory, measureScaling, type Scaling } from "../perf/scaling.js";
import { type PerfShape, perfShapes } from "../perf/shapes.js";
import { type ShapeTiming, type StepTiming, timeShape } from "../perf/stepTiming.js";

interface PerfReport {
  readonly device: DeviceTiming;
  readonly models: readonly ModelTiming[];
  readonly shapes: readonly (ShapeTiming & { readonly peakBytes: number })[];
  readonly scaling: Scaling | null;
  readonly memory: readonly { readonly variant: string; readonly peakBytes: number }[];
}

/** `pnpm bench perf`: how far the training step is from its floor on this machine. */
export const perfCommand = defineCommand({
  meta: {
    name: "perf",
    description:
      "Times the encoder's matrix product alone and the whole training step of each architecture, in turns, in one process on one thread; then throughput and peak memory of training processes; then passes over language models beside their matrix products; last the line that tells --dry-run about this machine (alone in seconds: --shapes none --models none --no-scaling). Compare ratios, not milliseconds: machines and their load differ.",
  },
  args: {
    shapes: {
      type: "string",
      default: perfShapes.map(({ name }) => name).join(","),
      description: "which problem sizes: synthetic, small, large; none for none",
    },
    variants: {
      type: "string",
      default: variants.map(({ name }) => name).join(","),
      description: "which architectures",
    },
    models: {
      type: "string",
      default: modelPerfShapes.map(({ name }) => name).join(","),
      description:
        "which language models: the prefix that a harvest runs, and where they are trained here a gradient, one thread; none for none",
    },
    rounds: { type: "string", default: "9", description: "measurements of each; the median counts" },
    profile: { type: "boolean", default: false, description: "also print the time per ONNX operation of a step" },
    scaling: {
      type: "boolean",
      default: true,
      description: "measure one and two training processes, and memory (--no-scaling skips it)",
    },
    json: { type: "boolean", default: false, description: "print the result as one JSON line" },
  },
  run: async ({ args }) => {
    const say = (line: string) => (args.json ? process.stderr : process.stdout).write(`${line}\n`);
    const chosen = args.variants.split(",").map(findVariant);
    const rounds = Number(args.rounds);
    if (!Number.isInteger(rounds) || rounds < 1)
      throw new SaeError("bad_option", `--rounds: needed a whole number of at least 1, got '${args.rounds}'`);
    const shapes: (ShapeTiming & { peakBytes: number })[] = [];
    for (const shape of namesIn(args.shapes).map(findShape)) {
      const { name, dModel, dSae, l0, batch } = shape;
      say(`\n${name}: dModel ${dModel}, dSae ${dSae}, L0 ${l0}, batch ${batch}`);
      say("  variant       step ms   ratio to GEMM   samples/s      L0");
      const timing = await timeShape(shape, chosen, {
        rounds: name === "large" ? Math.min(rounds, 3) : rounds,
        profile: args.profile,
        onVariant: (step) => say(stepLine(step)),
      });
      const peakBytes = process.resourceUsage().maxRSS * 1024;
      say(`  GEMM alone ${timing.gemmMs.toFixed(2)} ms; peak memory of this process so far ${megabytes(peakBytes)}`);
      shapes.push({ ...timing, peakBytes });
    }
    const [first] = perfShapes;
    const memory: { variant: string; peakBytes: number }[] = [];
    let scaling: Scaling | null = null;
    if (args.scaling) {
      scaling = await measureScaling(first, "topk", 90);
      say(
        `\nscaling (topk, ${first.name}): one process ${rate(scaling.oneProcess)}, two ${rate(scaling.twoProcesses)}: ${scaling.factor.toFixed(2)} ×`,
      );
      for (const { name } of chosen) {
        const peakBytes = await measureMemory(first, name, 30);
        memory.push({ variant: name, peakBytes });
        say(`peak memory of a training process (${name}, ${first.name}): ${megabytes(peakBytes)}`);
      }
    }
    const models = await timeModels(args.models, rounds, say);
    const device = await timeDevice(rounds);
    say(`\n${deviceLine(device)}`);
    const report: PerfReport = { device, models, shapes, scaling, memory };
    if (args.json) process.stdout.write(`${JSON.stringify(report)}\n`);
  },
});

/** Names in a list; none for "none". */
const namesIn = (list: string): string[] => (list === "none" ? [] : list.split(","));

async function timeModels(list: string, rounds: number, say: (line: string) => void): Promise<ModelTiming[]> {
  const timings: ModelTiming[] = [];
  for (const name of namesIn(list)) {
    const shape = modelPerfShapes.find((candidate) => candidate.name === name);
    if (!shape) {
      const known = modelPerfShapes.map((candidate) => candidate.name).join(", ");
      throw new SaeError("bad_option", `--models: needed ${known} or none, got '${name}'`);
    }
    const timing = await timeModel(shape, Math.min(rounds, 5));
    const { tokens, prefixMs, prefixGemmMs, prefixRatio, tokensPerSecond, training } = timing;
    say(
      `\n${name}, ${tokens} tokens: prefix ${prefixMs.toFixed(0)} ms, ${prefixRatio.toFixed(2)} × its matrix products (${prefixGemmMs.toFixed(0)} ms), ${tokensPerSecond.toFixed(0)} tokens/s on one core`,
    );
    if (training !== null) {
      say(
        `  gradient ${training.stepMs.toFixed(0)} ms, ${training.ratio.toFixed(2)} × three times the products of a forward pass (${training.gemmMs.toFixed(0)} ms)`,
      );
    }
    timings.push(timing);
  }
  return timings;
}

function findShape(name: string): PerfShape {
  const shape = perfShapes.find((candidate) => candidate.name === name);
  if (!shape)
    throw new SaeError(
      "bad_option",
      `--shapes: needed ${perfShapes.map((known) => known.name).join(", ")}, got '${name}'`,
    );
  return shape;
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
const rate = (samplesPerSecond: number): string => `${(samplesPerSecond / 1000).toFixed(1)}k samples/s`;

function stepLine({ name, stepMs, ratio, samplesPerSecond, l0, ops = [] }: StepTiming): string {
  const line = `  ${name.padEnd(12)} ${stepMs.toFixed(1).padStart(8)} ${ratio.toFixed(2).padStart(12)} ${rate(samplesPerSecond).padStart(20)} ${l0.toFixed(1).padStart(7)}`;
  const profile = ops
    .slice(0, 14)
    .map(
      ({ op, ms, calls, flops }) =>
        `      ${op.padEnd(18)} ${ms.toFixed(2).padStart(8)} ms ${calls.toFixed(1).padStart(7)} calls${flops === 0 ? "" : ` ${(flops / ms / 1e6).toFixed(0).padStart(5)} GFLOP/s`}`,
    );
  return [line, ...profile].join("\n");
}
