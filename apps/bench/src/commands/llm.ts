import { evaluations } from "../evaluations/index.js";
import { chosenLlmSites } from "../options/chosenLlmSites.js";
import { reportNameOption } from "../options/comparisonOptions.js";
import { llmOptions } from "../options/llmOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { withLayer } from "../options/studyLayer.js";
import { llmStudy } from "../studies/llmStudy.js";
import { planNotes } from "../studies/planNotes.js";
import { type LlmPresetName, llmPresets } from "../studies/presets.js";
import { runStudy } from "../studies/runStudy.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const presets = ["quick", "standard", "laptop", "paper"] as const satisfies LlmPresetName[];
const usual = "standard";

const options = () => ({
  ...llmOptions(presets, usual),
  name: reportNameOption("llm-MODEL, or llm-PRESET where there are several models"),
  ...machineOptions,
});

/** `pnpm bench llm`: case study 2 in a language model. */
export const llmCommand = benchCommand({
  name: "llm",
  description: "case study 2 in a language model: do trained SAEs beat the random baselines?",
  about: [
    `Harvests a language model's activations at a hook, trains every architecture fully, as each random baseline and as controls at every target L0, measures them all (${evaluations.map(({ id }) => id).join(", ")}), and says for each metric whether training beats the strongest random baseline.`,
    "Writes report.html, report.md, results.json and the tables and figures of the paper's case study 2. What is done is kept: more targets, seeds, baselines or evaluations only run what is new.",
  ],
  examples: [
    [
      "llm --model tinyllama-1.1b --hook blocks.10.hook_resid_post --text wiki.txt --tokens 50000 --d-sae 4096 --l0 32,64 --steps 1000 --batch 512",
      "a 1.1B model on a laptop",
    ],
    [
      "llm --model ./my-model --text data.jsonl --variants topk,batchtopk --l0 32 --seeds 0,1,2",
      "intervals over seeds",
    ],
    [
      "llm --explainer-model llama3.1:8b --explainer-url http://localhost:11434/v1",
      "latents are also described by a language model, here of an Ollama server; llama.cpp (http://localhost:8080/v1), vLLM (http://localhost:8000/v1) and others do as well",
    ],
    [
      "llm --explainer-model gpt-4o-mini --explainer-prices 0.15,0.6 --explainer-budget 0",
      "what a hosted one would cost: says it for each SAE and sends nothing; with a budget above that, and the key in OPENAI_API_KEY, it is asked. Answers are kept, so that nothing is paid for twice",
    ],
    [
      "llm --model ./my-model --text data.jsonl --hook blocks.2.hook_resid_post,blocks.5.hook_resid_post",
      "two places in the model, in one report",
    ],
    ["llm --model ./my-model --text data.jsonl --dry-run", "what that would run, and what is done already"],
    [
      "llm --preset paper --dry-run --device h100",
      "what the paper's study takes, job by job; fetches no model and no text",
    ],
  ],
  options,
  run: async (values, commandLine, { definitions, layer }) => {
    const machine = machineOf(values);
    const local = { ...machine.local, ...localDefinitions(definitions) };
    const presetName = values.preset ?? usual;
    const { sites, missing } = await chosenLlmSites(values, withLayer(llmPresets[presetName], layer), {
      ...machine,
      local,
    });
    const models = [...new Set(sites.map(({ model }) => model))];
    const label = models.length === 1 ? models[0].replaceAll(/[^\w.-]+/g, "-").replace(/^[.-]+/, "") : presetName;
    const study = { ...llmStudy(values.name ?? `llm-${label}`, sites), planNotes: planNotes(missing) };
    return runStudy(study, values.out ?? "runs", machine, commandLine);
  },
});
