import { chosenLlmSites } from "../options/chosenLlmSites.js";
import { llmOptions } from "../options/llmOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { count } from "../options/option.js";
import { withLayer } from "../options/studyLayer.js";
import { bothStudies } from "../studies/bothStudies.js";
import { planNotes } from "../studies/planNotes.js";
import { llmPresets, presetNames } from "../studies/presets.js";
import { runStudy } from "../studies/runStudy.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const usual = "quick";

const options = () => ({
  seed: count({ describe: "of features, samples and draw of case study 1", least: 0, otherwise: "0", group: "What" }),
  ...llmOptions(presetNames, usual),
  ...machineOptions,
});

/** `pnpm bench` without a command. */
export const quickCommand = benchCommand({
  name: "quick",
  description: "both case studies in little; what runs without a command",
  about: [
    "Trains every architecture on synthetic activations whose features are known, in both probability settings; then on the activations of a language model fully, as each random baseline and as controls, measures them all, and says for each metric whether training beats the random baselines. Prints the tables and writes figures and report.",
    "`--preset` chooses the size of both parts, the other options the language-model part.",
  ],
  examples: [
    ["", "the study, with results in runs/"],
    ["--variants batchtopk --l0 32 --evals reconstruction,splice", "less of it"],
    ["quick --workers 1 --quiet", "one process, no progress"],
  ],
  options,
  run: async (values, commandLine, { definitions, layer }) => {
    const machine = machineOf(values);
    const local = { ...machine.local, ...localDefinitions(definitions) };
    const preset = values.preset ?? usual;
    const { sites, missing } = await chosenLlmSites(values, withLayer(llmPresets[preset], layer), {
      ...machine,
      local,
    });
    const study = {
      ...bothStudies({ preset, seed: values.seed ?? 0, sites, local: machine.local }),
      planNotes: planNotes(missing),
    };
    return runStudy(study, values.out ?? "runs", machine, commandLine);
  },
});
