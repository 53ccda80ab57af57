import type { OpTime } from "@sae/core";
import type { EvaluationUsage } from "./evaluationUsage.js";
import type { ModelTiming } from "./modelTiming.js";
import type { StepTiming } from "./stepTiming.js";
import type { PassTiming } from "./suffixTiming.js";

export const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;
export const rate = (samplesPerSecond: number): string => `${(samplesPerSecond / 1000).toFixed(1)}k samples/s`;

/** The operations that take longest, one a line. */
const profileLines = (ops: readonly OpTime[] = []): string[] =>
  ops
    .slice(0, 14)
    .map(
      ({ op, ms, calls, flops }) =>
        `      ${op.padEnd(18)} ${ms.toFixed(2).padStart(8)} ms ${calls.toFixed(1).padStart(7)} calls${flops === 0 ? "" : ` ${(flops / ms / 1e6).toFixed(0).padStart(5)} GFLOP/s`}`,
    );

export const stepHeading = "  variant       step ms   ratio to GEMM   samples/s      L0";

/** A training step, with its profile where there is one. */
export function stepLines({ name, stepMs, ratio, samplesPerSecond, l0, ops }: StepTiming): string {
  const line = `  ${name.padEnd(12)} ${stepMs.toFixed(1).padStart(8)} ${ratio.toFixed(2).padStart(12)} ${rate(samplesPerSecond).padStart(20)} ${l0.toFixed(1).padStart(7)}`;
  return [line, ...profileLines(ops)].join("\n");
}

/** Passes over a language model. */
export function modelLines(timing: ModelTiming): string {
  const { name, tokens, prefixMs, prefixGemmMs, prefixRatio, tokensPerSecond, suffix, training } = timing;
  const { hook, losses, gradient } = suffix;
  return [
    `${name}, ${tokens} tokens: prefix ${prefixMs.toFixed(0)} ms, ${prefixRatio.toFixed(2)} × its matrix products (${prefixGemmMs.toFixed(0)} ms), ${tokensPerSecond.toFixed(0)} tokens/s on one core`,
    ...passLines(`suffix of ${hook}, losses`, losses),
    ...passLines(`suffix of ${hook}, gradient`, gradient),
    ...(training === null
      ? []
      : [
          `  gradient ${training.stepMs.toFixed(0)} ms, ${training.ratio.toFixed(2)} × three times the products of a forward pass (${training.gemmMs.toFixed(0)} ms)`,
        ]),
  ].join("\n");
}

const passLines = (name: string, { tokens, ms, gemmMs, ratio, ops }: PassTiming): string[] => [
  `  ${name}, ${tokens} tokens: ${ms.toFixed(1)} ms, ${ratio.toFixed(2)} × its matrix products (${gemmMs.toFixed(1)} ms)`,
  ...profileLines(ops),
];

/** An evaluation and its jobs. */
export function evaluationLines({ evaluation, jobs }: EvaluationUsage): string {
  const total = (of: "ms" | "cpuMs") => jobs.reduce((sum, item) => sum + item[of], 0);
  const line = (name: string, width: number, ms: number, cpuMs: number, peakBytes: number) =>
    `${name.padEnd(width)} ${(ms / 1000).toFixed(1).padStart(8)} s ${(cpuMs / 1000).toFixed(1).padStart(8)} s of CPU ${megabytes(peakBytes).padStart(9)} at most`;
  return [
    line(`  ${evaluation}`, 22, total("ms"), total("cpuMs"), Math.max(...jobs.map(({ peakBytes }) => peakBytes))),
    ...jobs.map(({ kind, ms, cpuMs, peakBytes }) => line(`    ${kind}`, 22, ms, cpuMs, peakBytes)),
  ].join("\n");
}
