import type { DeviceTiming } from "./deviceTiming.js";
import type { EvaluationUsage } from "./evaluationUsage.js";
import type { ModelTiming } from "./modelTiming.js";
import type { Scaling } from "./scaling.js";
import type { ShapeTiming } from "./stepTiming.js";

/** What `pnpm bench perf --json` prints. docs/results/perf.md describes the keys. */
export interface PerfReport {
  readonly format: "sae-bench perf";
  readonly version: 1;
  readonly device: DeviceTiming;
  readonly shapes: readonly (ShapeTiming & { readonly peakBytes: number })[];
  readonly scaling: Scaling | null;
  readonly memory: readonly { readonly variant: string; readonly peakBytes: number }[];
  readonly models: readonly ModelTiming[];
  readonly evaluations: readonly EvaluationUsage[];
}
