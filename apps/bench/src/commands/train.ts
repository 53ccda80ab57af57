import { join } from "node:path";
import { recipeSchema } from "@sae/autoencoders";
import { SaeError } from "@sae/core";
import { localFile } from "../jobs/dataSource.js";
import { definedBy, findBaseline, findVariant } from "../jobs/findByName.js";
import { readInitial, sha256OfFile } from "../jobs/initialFile.js";
import { type Job, job, jobId } from "../jobs/job.js";
import { openRunStore } from "../jobs/runStore.js";
import { trainJob } from "../jobs/trainJob.js";
import { checkGroups } from "../options/checkGroups.js";
import { chooseData, dataOptions } from "../options/dataOptions.js";
import { definitionOptions } from "../options/definitionOptions.js";
import { machineOf, machineOptions } from "../options/machineOptions.js";
import { count, listOf, real, word } from "../options/option.js";
import { required } from "../options/readArguments.js";
import {
  baselineOption,
  baselineOwnOptions,
  givenBaselineOptions,
  givenRecipe,
  givenVariantOptions,
  recipeOptions,
  variantOption,
  variantOwnOptions,
  withOwnOptions,
} from "../options/recipeOptions.js";
import { runTraining } from "../studies/runTraining.js";
import { localDefinitions } from "../userFiles/definitionFiles.js";
import { benchCommand } from "./benchCommand.js";

const options = () =>
  withOwnOptions(
    {
      ...dataOptions,
      variant: { ...variantOption(), needed: true },
      baseline: baselineOption(),
      ...definitionOptions,
      l0: real({
        describe: "target number of active latents per input: k of TopK, the mean of the others",
        above: 0,
        hint: "K",
        needed: true,
        group: "What",
      }),
      init: word({
        describe:
          "start from these weights: tensors among W_enc [d_model, d_sae], b_enc, W_dec [d_sae, d_model], b_dec, threshold (of JumpReLU, left out for others), on activations as trained (scaled)",
        otherwise: "the random draw of the seed",
        hint: "FILE.safetensors",
        group: "What",
      }),
      ...recipeOptions([]),
      seeds: listOf(count({ least: 0, describe: "" }), {
        describe: "several runs, in DIR/seed-N; instead of --seed",
        group: "Training",
      }),
      logEvery: count({ describe: "steps between two lines of log.jsonl", otherwise: "100", group: "Output" }),
      evaluationRows: count({
        describe: "held-out rows of the final evaluation",
        otherwise: "131072",
        group: "Output",
      }),
      calibrationRows: count({
        describe: "held-out rows that the threshold at inference is an exact quantile of",
        otherwise: "131072",
        group: "Output",
      }),
      ...machineOptions,
      out: word({ describe: "folder of the run", hint: "DIR", needed: true, group: "Output" }),
    },
    [variantOwnOptions(), baselineOwnOptions()],
  );

/** `pnpm bench train`: one SAE, every choice of the recipe an option. */
export const trainCommand = benchCommand({
  name: "train",
  description: "train one SAE on activations of yours, any architecture with any baseline",
  about: [
    "Leaves in DIR: cfg.json and sae_weights.safetensors (a folder that SAELens loads), run.json (the whole recipe, the hash of the data, versions), log.jsonl (loss, mse, L0 … of logged steps), result.json (evaluation on held-out rows).",
    "Activations are trained on in the order that --order says; every default is the study's pinned recipe. Options that belong to one architecture or baseline are errors with another.",
    "A run that was killed continues from its last checkpoint when the same command is given again, and ends with the same bytes. A finished one is read back. Other options in the same DIR are an error that says what differs.",
  ],
  examples: [
    [
      "train --data acts.npy --variant batchtopk --d-sae 2048 --l0 32 --steps 20000 --out runs/batchtopk",
      "a BatchTopK SAE",
    ],
    [
      "train --data acts.npy --variant batchtopk --baseline frozen_decoder --baseline-init cov --d-sae 2048 --l0 32 --steps 20000 --out runs/frozen",
      "its frozen-decoder baseline, decoder rows drawn with the covariance of the activations",
    ],
    [
      "train --data acts.npy --variant topk --d-sae 2048 --l0 32 --steps 20000 --seeds 0,1,2 --out runs/topk --json",
      "three seeds, and their results as one line of JSON",
    ],
  ],
  options,
  run: async (values, _commandLine, { definitions }) => {
    const out = required(values.out, "out", "DIR");
    const variant = findVariant(required(values.variant, "variant", "NAME"));
    const baseline = findBaseline(values.baseline ?? "trained");
    const l0 = required(values.l0, "l0", "K");
    const recipe = givenRecipe(values);
    if (values.seeds && recipe.seed !== undefined) {
      throw new SaeError("bad_option", "--seeds: names the seeds of several runs; leave out --seed");
    }
    if (recipe.init !== undefined && !baseline.drawn) {
      throw new SaeError(
        "bad_option",
        `--baseline-init: belongs to baselines that draw random rows, not to ${baseline.name}`,
      );
    }
    const ownOptions = givenVariantOptions(values, [variant.name])[variant.name];
    const variantConfig = { l0, ...ownOptions };
    checkConfig(variant.config.safeParse(variantConfig), variant.name);
    const baselineConfig = givenBaselineOptions(values, [baseline.name])[baseline.name] ?? {};
    const given = {
      ...recipe,
      dSae: required(recipe.dSae, "d-sae", "N"),
      steps: required(recipe.steps, "steps", "N"),
    };
    checkGroups([variant.name], { [variant.name]: ownOptions }, given.dSae);
    const machine = machineOf(values);
    const data = await chooseData(values, recipeSchema.parse(given).batch);
    const { dModel } = data.file;
    const dSae = baseline.width?.({ dModel, dSae: given.dSae }, baseline.config.parse(baselineConfig)) ?? given.dSae;
    if (l0 > dSae) {
      throw new SaeError(
        "bad_option",
        `--l0: needed at most the ${dSae} latents there are, got ${l0}; lower it or raise --d-sae`,
      );
    }
    if (values.init !== undefined) {
      await readInitial(values.init, { variant, config: variant.config.parse(variantConfig), dModel, dSae });
    }
    const initial = values.init === undefined ? undefined : { sha256: await sha256OfFile(values.init) };
    const local = {
      ...localFile(data.file),
      ...machine.local,
      ...localDefinitions(definitions),
      ...(values.init !== undefined && { initial: values.init }),
    };
    const folders = new Map<string, string>();
    const plan = (seed: number, name: string, folder: string, trained?: Job): Job => {
      const config = {
        data: data.config(seed),
        variant: variant.name,
        variantConfig,
        ...(name !== "trained" && { baseline: name, baselineConfig }),
        ...definedBy(variant.name, name),
        recipe: { ...given, seed },
        ...(initial && { initial }),
        ...(values.logEvery !== undefined && { logEvery: values.logEvery }),
        ...(values.evaluationRows !== undefined && { evaluationRows: values.evaluationRows }),
        ...(values.calibrationRows !== undefined && { calibrationRows: values.calibrationRows }),
      };
      const title = [variant.name, ...(name === "trained" ? [] : [name]), ...(values.seeds ? [`seed ${seed}`] : [])];
      const planned = job(trainJob, config, {
        title: title.join(" "),
        needs: { trained },
        local,
        sizes: () => ({ dModel, rows: data.file.rows }),
      });
      folders.set(jobId(planned), folder);
      return planned;
    };
    const runs = (values.seeds ?? [recipe.seed ?? 0]).map((seed) => {
      const folder = values.seeds ? join(out, `seed-${seed}`) : out;
      const trained = baseline.needs === "trained" ? plan(seed, "trained", join(folder, "trained")) : undefined;
      return { seed, job: plan(seed, baseline.name, folder, trained) };
    });
    return runTraining(
      runs,
      openRunStore(out, (item) => folders.get(jobId(item)) ?? join(out, jobId(item))),
      out,
      machine,
    );
  },
});

/** Limits of an architecture that its options do not have one by one, but together. */
function checkConfig(
  result: { success: true } | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } },
  variant: string,
): void {
  if (result.success) return;
  const issues = result.error.issues.map(({ path, message }) => `--${path.join(".")}: ${message}`);
  throw new SaeError("bad_option", `${variant}: ${issues.join("; ")}`);
}
