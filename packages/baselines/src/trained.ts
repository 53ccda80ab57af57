import { defineBaseline, noOptions } from "./defineBaseline.js";

/** The SAE itself: what every baseline is compared with. */
export const trained = defineBaseline({
  name: "trained",
  title: "Fully trained",
  description: "Everything is learned.",
  config: noOptions,
  drawn: true,
});
