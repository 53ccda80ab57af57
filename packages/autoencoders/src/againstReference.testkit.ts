import type { Constraint } from "./constraint.js";
import type { AnySae } from "./defineSae.js";
import { drawRows, meanRow, startingWeights } from "./initialWeights.js";
import { type RecipeInput, recipeSchema } from "./recipe.js";
import type { ReferenceWeights } from "./referenceLoss.testkit.js";
import { type ReferenceRun, referenceTrain, toRows } from "./referenceTrainer.testkit.js";
import type { SaeWeights } from "./sae.js";
import { arrayActivations, fileSource } from "./source.js";
import { toyActivations } from "./toyActivations.testkit.js";
import { train } from "./train.js";
import type { LogLine, TrainOptions } from "./trainOptions.js";

const dModel = 8;
const dSae = 32;
const batch = 32;

/** Options of each variant that make every term of its loss matter in twenty steps. */
const trainingOptions: Readonly<Record<string, TrainOptions["config"]>> = {
  relu: { l0: 4, l1: 0.05 },
  topk: { l0: 4 },
  batchtopk: { l0: 4 },
  jumprelu: { l0: 4, bandwidth: 0.1, theta0: 0.1, l0Weight: 0.3 },
  matryoshka: { l0: 4 },
};

export interface Comparison {
  /** Largest difference of a logged value, relative to 1 or to the value where that is larger. */
  readonly log: number;
  /** Largest difference of a final weight. */
  readonly weights: number;
  /** Relative difference of the final L1 coefficient, where there is one. */
  readonly l1: number;
  readonly lines: readonly LogLine[];
}

export interface ComparisonOptions {
  readonly variant: AnySae;
  readonly constraint?: Constraint;
  readonly config?: TrainOptions["config"];
  readonly recipe?: Partial<RecipeInput>;
}

/**
 * Trains one toy SAE twice, with the engine in float32 and with plain loops in float64, from the same weights on the same batches: warm-up and
 * decay, weight decay, clipping and rising penalties all happen within the twenty steps, and some latents are dead from the start.
 */
export async function againstReference({ variant, constraint, ...options }: ComparisonOptions): Promise<Comparison> {
  const config = variant.config.parse(options.config ?? trainingOptions[variant.name]);
  const recipe = recipeSchema.parse({
    dSae,
    steps: 20,
    batch,
    lr: 5e-3,
    warmup: 5,
    decay: 0.25,
    l0Warmup: 5,
    weightDecay: 0.1,
    clip: 0.5,
    deadTokens: 3 * batch,
    scale: "none",
    ...options.recipe,
  });
  const x = toyActivations({ rows: 10 * batch, dModel, offset: 0.2 });
  const initial = startingWeights(
    drawRows(1, { dModel, dSae }),
    { dModel, dSae },
    meanRow(x.subarray(0, batch * dModel), dModel),
  );
  for (const [name, extra] of Object.entries(variant.extraParams?.({ dModel, dSae }, config) ?? {})) {
    initial[name] = new Float32Array(dSae).fill(extra.initial);
  }
  // A quarter of the latents hardly respond: selected for nothing, but positive, so that they are dead and can be revived.
  if (variant.auxiliary) for (let i = 0; i < initial.W_enc.length; i++) if (i % 4 === 0) initial.W_enc[i] *= 0.01;

  const source = await fileSource(arrayActivations(x, dModel), { order: "sequential" });
  const { log, sae, scalars } = await train({ variant, config, recipe, source, initial, constraint, logEvery: 1 });
  const reference = referenceTrain({
    variant: variant.name,
    baseline: constraint?.name ?? "trained",
    config: { ...config, ...constraint?.config } as ReferenceRun["config"],
    recipe,
    x: toRows(x, dModel),
    initial: rowsOf(initial),
  });
  const logged = reference.log.flatMap((line, step) =>
    Object.entries(line).map(
      ([name, value]) => Math.abs(log[step][name as keyof LogLine] - value) / Math.max(1, Math.abs(value)),
    ),
  );
  const final = Object.entries(reference.weights).flatMap(([name, rows]) =>
    rows.flat().map((value, i) => Math.abs(value - sae.weights[name][i])),
  );
  return {
    log: Math.max(...logged),
    weights: Math.max(...final),
    l1: scalars.l1 === undefined ? 0 : Math.abs(scalars.l1 / reference.l1 - 1),
    lines: log,
  };
}

/** Weights in the reference's layout. */
export function rowsOf(weights: SaeWeights): ReferenceWeights {
  const width = (name: string, data: Float32Array) =>
    name === "W_dec" ? weights.b_dec.length : name === "W_enc" ? weights.b_enc.length : data.length;
  return Object.fromEntries(Object.entries(weights).map(([name, data]) => [name, toRows(data, width(name, data))]));
}
