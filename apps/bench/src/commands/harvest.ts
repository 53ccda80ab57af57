import { join } from "node:path";
import { forwardCost } from "@sae/models";
import { sinksText } from "../jobs/activationMoments.js";
import { activationsOf } from "../jobs/harvestFolder.js";
import { type HarvestJobResult, harvestJob } from "../jobs/harvestJob.js";
import { shortfallWarnings } from "../jobs/harvestShortfall.js";
import { job } from "../jobs/job.js";
import { openRunStore } from "../jobs/runStore.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import {
  chosenModel,
  chosenTexts,
  givenHarvest,
  harvestOptions,
  hookOption,
  modelFacts,
  modelOptions,
  textOptions,
} from "../options/modelOptions.js";
import { count, word } from "../options/option.js";
import { required } from "../options/readArguments.js";
import { printPlan } from "../studies/printPlan.js";
import { runHere } from "../studies/runHere.js";
import { reportFailures } from "../studies/runStudy.js";
import { benchCommand } from "./benchCommand.js";

const { workers: _, threads: __, checkpointSeconds: ___, ...machine } = machineOptions;

const options = {
  ...modelOptions,
  hook: { ...hookOption, needed: true },
  ...textOptions,
  tokens: count({ describe: "activations to store", otherwise: "all that the texts give", group: "Text" }),
  ...harvestOptions,
  evaluationContexts: count({
    describe: "first contexts of the texts kept for evaluations in the model: no activation of theirs is stored",
    otherwise: "0",
    least: 0,
    group: "Text",
  }),
  ...machine,
  out: word({ describe: "folder of the harvest", hint: "DIR", needed: true, group: "Output" }),
};

/** `pnpm bench harvest`: activations of a language model on disk. */
export const harvestCommand = benchCommand({
  name: "harvest",
  description: "activations of a language model on texts of yours, on disk",
  about: [
    "Runs a language model over texts and stores what stands at a hook: shards of float16 or float32 rows in DIR/activations, beside them which token each row is of and the contexts themselves, and a manifest with hashes. `--data DIR/activations` of the other commands reads it.",
    "A harvest that was stopped, also by force, continues with the same command and ends with the same bytes.",
  ],
  examples: [
    [
      "harvest --model tinyllama-1.1b --hook blocks.10.hook_resid_post --text wiki.txt --tokens 100000 --out acts",
      "a hundred thousand activations",
    ],
    [
      "harvest --model ./my-model --hook blocks.3.hook_resid_post --text data/ --layout perDocument --max-norm 10 --out acts",
      "each document by itself, without attention sinks",
    ],
  ],
  options,
  run: async (values) => {
    const reference = required(values.model, "model", "MODEL");
    const out = required(values.out, "out", "DIR");
    const hook = required(values.hook, "hook", "NAME");
    const paths = required(values.text, "text", "PATH,…");
    const model = await chosenModel(reference, values);
    const texts = await chosenTexts(paths, values);
    const config = {
      model: model.identity,
      hook,
      texts: texts.source.identity,
      ...givenHarvest(values, model),
      ...(values.tokens !== undefined && { rows: values.tokens }),
      ...(values.evaluationContexts !== undefined && { evaluationContexts: values.evaluationContexts }),
    };
    const { nCtx } = config;
    const sizes = () => ({ dModel: model.sizes.dModel, prefix: forwardCost(model, { hook, nCtx }) });
    await model.close();
    const here = machineOf(values);
    const item = job(harvestJob, config, {
      sizes,
      title: `harvest ${reference} ${hook}`,
      local: { ...here.local, ...texts.local, ...modelFacts(reference, values) },
    });
    const store = openRunStore(out, () => out);
    if (here.dryRun) return printPlan([item], store, out, here);
    const outcome = await runHere([item], store, here);
    const result = await store.read<HarvestJobResult>(item);
    if (result !== null && here.json) process.stdout.write(`${JSON.stringify({ out, ...result })}\n`);
    else if (result !== null) {
      process.stdout.write(`${activationsOf(out)}: ${result.rows} rows of ${result.dModel}\n`);
      process.stdout.write(`${join(activationsOf(out), "manifest.json")}\n`);
      const sinks = result.sinks === undefined ? null : sinksText(result.sinks);
      if (sinks !== null) process.stderr.write(`${sinks}\n`);
    }
    for (const warning of shortfallWarnings([item], () => result)) process.stderr.write(`${warning}\n`);
    return reportFailures(outcome);
  },
});
