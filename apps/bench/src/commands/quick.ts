import { machineOf, machineOptions } from "../options/machineOptions.js";
import { count } from "../options/option.js";
import { quickStudy } from "../studies/quickStudy.js";
import { runStudy } from "../studies/runStudy.js";
import { benchCommand } from "./benchCommand.js";

const options = {
  seed: count({ describe: "of features, samples and initial draw", least: 0, otherwise: "0", group: "What" }),
  ...machineOptions,
};

/** `pnpm bench` without a command. */
export const quickCommand = benchCommand({
  name: "quick",
  description: "both case studies in little, on synthetic activations; what runs without a command",
  about: [
    "Trains every architecture on synthetic activations whose features are known, in both probability settings, and as each random baseline; prints the tables and writes figures and report. About five minutes on two cores.",
  ],
  examples: [
    ["", "the study, with results in runs/"],
    ["quick --workers 1 --quiet", "one process, no progress"],
  ],
  options,
  run: async (values) => {
    const machine = machineOf(values);
    return runStudy(quickStudy(values.seed ?? 0, machine.local), values.out ?? "runs", machine);
  },
});
