import { SaeError } from "@sae/core";

/** How a mask is learned. */
export interface MaskRecipe {
  /** Adam's learning rate, by about which a mask logit can move in a step. */
  readonly lr: number;
  readonly epochs: number;
  /** Pairs of a step. */
  readonly batch: number;
  /** The mask is sigmoid(logit / T): T of the first and of the last step, logarithmic between. */
  readonly firstTemperature: number;
  readonly lastTemperature: number;
}

/** SAEBench's recipe: 7,000 pairs are 1,750 steps there, in which a logit can move by 1.75. */
export const saebenchMaskRecipe: MaskRecipe = {
  lr: 1e-3,
  epochs: 2,
  batch: 8,
  firstTemperature: 1,
  lastTemperature: 1e-4,
};

/** Ours. */
export const maskRecipe: MaskRecipe = { ...saebenchMaskRecipe, lr: 1e-2, batch: 16 };

/** Steps of a training with so many pairs. No batch is dropped. */
export const maskSteps = ({ epochs, batch }: MaskRecipe, pairs: number): number => epochs * Math.ceil(pairs / batch);

/** Temperature of a step, counted from 0. */
export function temperatureAt(
  { firstTemperature: first, lastTemperature: last }: MaskRecipe,
  step: number,
  steps: number,
): number {
  return steps < 2 ? first : first * (last / first) ** (step / (steps - 1));
}

/**
 * Checks a recipe.
 *
 * @throws SaeError `bad_config`
 */
export function checkMaskRecipe(recipe: MaskRecipe): void {
  const bad = Object.entries(recipe).find(([, value]) => !(value > 0 && Number.isFinite(value)));
  const whole = (["epochs", "batch"] as const).find((name) => !Number.isInteger(recipe[name]));
  if (bad) throw new SaeError("bad_config", `mask recipe: needed ${bad[0]} above 0, got ${bad[1]}`);
  if (whole) throw new SaeError("bad_config", `mask recipe: needed a whole number of ${whole}, got ${recipe[whole]}`);
}
