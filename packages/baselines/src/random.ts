import { defineBaseline, noOptions } from "./defineBaseline.js";

/**
 * An SAE that was never trained. b_dec starts at the mean of the first batch and is all that a run of more than 0 steps changes; the threshold is
 * calibrated, so that it has the L0 of the others.
 */
export const random = defineBaseline({
  name: "random",
  title: "Random",
  description: "Encoder and decoder stay at their random draw; only b_dec and the threshold know the data.",
  config: noOptions,
  drawn: true,
  frozen: { allBut: ["b_dec"] },
  calibrate: true,
});
