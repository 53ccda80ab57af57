import { variants } from "@sae/autoencoders";
import { findVariant } from "../jobs/findByName.js";
import { choice, count, flag, listOf, type Option, type Options } from "../options/option.js";
import { deviceLine, timeDevice } from "../perf/deviceTiming.js";
import { evaluatedSae, measuredEvaluations, measureEvaluations } from "../perf/evaluationUsage.js";
import { modelPerfShapes } from "../perf/modelShapes.js";
import { type ModelTiming, timeModel } from "../perf/modelTiming.js";
import type { PerfReport } from "../perf/perfReport.js";
import { evaluationLines, megabytes, modelLines, rate, stepHeading, stepLines } from "../perf/perfText.js";
import { measureMemory, measureScaling } from "../perf/scaling.js";
import { perfShapes } from "../perf/shapes.js";
import { timeShape } from "../perf/stepTiming.js";
import { benchCommand } from "./benchCommand.js";
import { withMemory } from "./withMemory.js";

const namesOf = (known: readonly { readonly name: string }[]): string[] => known.map(({ name }) => name);

/** Some of the known names, or `none`. */
function someOf(known: readonly string[], describe: string): Option<readonly string[]> {
  const list = listOf(choice({ of: known, hint: "NAME", describe }), { describe, group: "What" });
  return {
    ...list,
    hint: "none|NAME,…",
    otherwise: known.join(","),
    parse: (text) => (text === "none" ? [] : list.parse(text)),
  };
}

const options = {
  shapes: someOf(namesOf(perfShapes), "sizes of the training steps"),
  variants: {
    ...listOf(choice({ of: namesOf(variants), hint: "NAME", describe: "", code: "unknown_variant" }), {
      describe: "architectures of the training steps",
      otherwise: "all",
    }),
    group: "What",
  },
  models: someOf(namesOf(modelPerfShapes), "language models whose passes are timed"),
  evaluations: someOf(Object.keys(measuredEvaluations), "evaluations whose time and memory are measured"),
  noScaling: flag({ describe: "leave out the throughput and the memory of training processes", group: "What" }),
  rounds: count({
    describe: "measurements of each, the median of which counts; of large shapes at most 3, of models at most 5",
    otherwise: "9",
    group: "What",
  }),
  profile: flag({
    describe: "also print the time of each ONNX operation of a step, and of passes over a suffix",
    group: "Output",
  }),
  json: flag({ describe: "print the result as one line of JSON on stdout; the text goes to stderr", group: "Output" }),
  debug: flag({ describe: "print stack traces with errors", group: "Output" }),
} satisfies Options;

const { dSae, l0, steps, tokens, contexts, nCtx } = evaluatedSae;

/** `pnpm bench perf`: how far the work of a study is from its floor on this machine. */
export const perfCommand = benchCommand({
  name: "perf",
  description: "how far training and evaluation are from their matrix products on this machine",
  about: [
    "Training steps: the encoder's matrix product alone and the whole step of each architecture, in turns, in one process on one thread. Then throughput of one and of two training processes, and the peak memory of one.",
    "Passes over language models with random weights, beside their matrix products: the prefix that a harvest runs; the suffix as the losses of an SAE use it, and its gradient as masks of RAVEL are learned with; the gradient of a training step.",
    `Evaluations: time, processor time and peak memory of the jobs of each, one process after the other, of one TopK SAE with ${dSae} latents, ${l0} of them active, after the middle block of the embedded model (${steps} steps on ${tokens} activations, ${contexts} contexts of ${nCtx} tokens kept). Options of the evaluations are their defaults, but half of the texts for probes, a smaller RAVEL table, and 50 latents to describe.`,
    "Last the line that tells --dry-run about this machine. Compare ratios, not milliseconds: machines and their load differ. The keys of --json are in docs/results/perf.md.",
  ],
  examples: [
    ["perf", "everything"],
    ["perf --shapes synthetic --variants topk --models none --evaluations none --no-scaling", "one training step"],
    ["perf --shapes none --models none --evaluations splice,ravel --no-scaling", "two evaluations"],
    ["perf --shapes none --models none --evaluations none --no-scaling", "the machine alone, in seconds"],
  ],
  options,
  run: withMemory(async (values) => {
    const { json = false, profile = false, rounds = 9 } = values;
    const say = (line: string) => void (json ? process.stderr : process.stdout).write(`${line}\n`);
    const chosen = (values.variants ?? namesOf(variants)).map(findVariant);
    const only = <Known extends { readonly name: string }>(
      known: readonly Known[],
      names: readonly string[] = namesOf(known),
    ) => known.filter(({ name }) => names.includes(name));
    const shapes: PerfReport["shapes"][number][] = [];
    for (const shape of only(perfShapes, values.shapes)) {
      const { name, dModel, batch } = shape;
      say(`\n${name}: dModel ${dModel}, dSae ${shape.dSae}, L0 ${shape.l0}, batch ${batch}\n${stepHeading}`);
      const timing = await timeShape(shape, chosen, {
        rounds: name === "large" ? Math.min(rounds, 3) : rounds,
        profile,
        onVariant: (step) => say(stepLines(step)),
      });
      const peakBytes = process.resourceUsage().maxRSS * 1024;
      say(`  GEMM alone ${timing.gemmMs.toFixed(2)} ms; peak memory of this process so far ${megabytes(peakBytes)}`);
      shapes.push({ ...timing, peakBytes });
    }
    const { scaling, memory } = values.noScaling
      ? { scaling: null, memory: [] }
      : await processes(namesOf(chosen), say);
    const models: ModelTiming[] = [];
    for (const shape of only(modelPerfShapes, values.models)) {
      const timing = await timeModel(shape, { rounds: Math.min(rounds, 5), profile });
      say(`\n${modelLines(timing)}`);
      models.push(timing);
    }
    const wanted = values.evaluations ?? Object.keys(measuredEvaluations);
    if (wanted.length > 0) say(`\nevaluations of an SAE with ${dSae} latents in the embedded model`);
    const evaluations = await measureEvaluations(wanted, (usage) => say(evaluationLines(usage)));
    const device = await timeDevice(rounds);
    say(`\n${deviceLine(device)}`);
    const report: PerfReport = {
      format: "sae-bench perf",
      version: 1,
      device,
      shapes,
      scaling,
      memory,
      models,
      evaluations,
    };
    if (json) process.stdout.write(`${JSON.stringify(report)}\n`);
    return 0;
  }),
});

/** Throughput and memory of training processes. */
async function processes(
  names: readonly string[],
  say: (line: string) => void,
): Promise<Pick<PerfReport, "scaling" | "memory">> {
  const [first] = perfShapes;
  const scaling = await measureScaling(first, "topk", 90);
  const { oneProcess, twoProcesses, factor } = scaling;
  say(
    `\nscaling (topk, ${first.name}): one process ${rate(oneProcess)}, two ${rate(twoProcesses)}: ${factor.toFixed(2)} ×`,
  );
  const memory: PerfReport["memory"][number][] = [];
  for (const variant of names) {
    const peakBytes = await measureMemory(first, variant, 30);
    memory.push({ variant, peakBytes });
    say(`peak memory of a training process (${variant}, ${first.name}): ${megabytes(peakBytes)}`);
  }
  return { scaling, memory };
}
