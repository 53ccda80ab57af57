import { defineBaseline, noOptions } from "./defineBaseline.js";

/** Random detectors whose thresholds, biases and decoder are learned. Paper, section 4, baseline 3. */
export const frozenEncoder = defineBaseline({
  name: "frozen_encoder",
  title: "Frozen encoder",
  description: "Encoder directions stay at their random draw; biases, thresholds and the decoder are learned.",
  config: noOptions,
  drawn: true,
  frozen: ["W_enc"],
});
