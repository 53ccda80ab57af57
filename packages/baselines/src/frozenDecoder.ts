import { defineBaseline, noOptions } from "./defineBaseline.js";

/** Random directions that never move; the encoder starts at their transpose and learns when to use them. Paper, section 4, baseline 1. */
export const frozenDecoder = defineBaseline({
  name: "frozen_decoder",
  title: "Frozen decoder",
  description: "Decoder rows stay at their random draw; encoder, biases and thresholds are learned.",
  config: noOptions,
  drawn: true,
  frozen: ["W_dec"],
});
