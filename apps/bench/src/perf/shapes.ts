/** A problem size at which a training step is timed. */
export interface PerfShape {
  readonly name: string;
  readonly dModel: number;
  readonly dSae: number;
  readonly l0: number;
  readonly batch: number;
}

/** The synthetic problem of the study, a small language model, a middling one. */
export const perfShapes: readonly PerfShape[] = [
  { name: "synthetic", dModel: 100, dSae: 3200, l0: 20, batch: 4096 },
  { name: "small", dModel: 64, dSae: 2048, l0: 16, batch: 4096 },
  { name: "large", dModel: 1024, dSae: 16384, l0: 64, batch: 4096 },
];
