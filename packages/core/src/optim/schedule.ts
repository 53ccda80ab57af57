/** Learning-rate factor: linear warm-up, constant, linear decay to zero. */
export interface Schedule {
  /** Steps of warm-up: the factor is (t + 1) / warmup until it reaches 1. */
  readonly warmup: number;
  /** Share of the steps, at the end, over which the factor falls linearly to 0. */
  readonly decay: number;
  readonly steps: number;
}

/** Factor of step t, counted from 0. The last step of a run with decay has 1 / (number of decay steps), not 0. */
export function scheduleFactor(t: number, { warmup, decay, steps }: Schedule): number {
  const up = warmup > 0 ? Math.min(1, (t + 1) / warmup) : 1;
  const decaySteps = Math.round(decay * steps);
  const down = decaySteps > 0 ? Math.min(1, (steps - t) / decaySteps) : 1;
  return Math.max(0, Math.min(up, down));
}

/** Linear rise from 0 at step 0 to 1 at step `warmup`. */
export const ramp = (t: number, warmup: number): number => (warmup > 0 ? Math.min(1, t / warmup) : 1);
