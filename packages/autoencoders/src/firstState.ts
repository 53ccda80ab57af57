import { SaeError } from "@sae/core";
import { checkParameterNames } from "./checkConstraint.js";
import { checkKeys } from "./checkDefinition.js";
import type { Checkpoint } from "./checkpoint.js";
import { activationMoments, drawRows, meanRow, rmsNorm, startingWeights, transposed } from "./initialWeights.js";
import type { SaeWeights } from "./sae.js";
import type { Run } from "./startRun.js";
import { scaledWeights } from "./trainedSae.js";
import type { TrainOptions } from "./trainOptions.js";
import { projectedNames, stateTypes, storedShapes } from "./trainStep.js";

/**
 * Scale, starting weights and empty optimiser state: the checkpoint before the first step.
 *
 * @throws SaeError `missing_input`, `bad_config` for starting weights that the variant does not have, `bad_definition` for those that a constraint has
 *   misspelt and for parameters of the variant with keys that there are not, `shape_mismatch`, `non_finite`, `no_variance`
 */
export async function firstState({ spec, source }: Run, options: TrainOptions): Promise<Checkpoint> {
  const { recipe, dModel, dSae, variant, config, constraint } = spec;
  const scale = recipe.scale === "rms" ? await rmsNorm(source, recipe.batch) : 1;
  const first = new Float32Array(recipe.batch * dModel);
  await source.trainBatch(0, first);
  const moments = () => activationMoments(source, recipe.batch, scale);
  const rows = drawRows(
    recipe.seed,
    { dModel, dSae },
    recipe.init === "cov" ? (await moments()).covariance : undefined,
  );
  const drawn = startingWeights(
    rows,
    { dModel, dSae },
    meanRow(first, dModel).map((value) => value / scale),
  );
  for (const [name, extra] of Object.entries(variant.extraParams?.({ dModel, dSae }, config) ?? {})) {
    checkKeys(`extraParams of '${variant.name}', ${name}`, extra, ["shape", "initial", "scales"]);
    const { shape, initial } = extra;
    drawn[name] = new Float32Array(shape.reduce((product, dim) => product * dim, 1)).fill(initial);
  }
  if (constraint.needs === "trained" && !options.trained) {
    throw new SaeError(
      "missing_input",
      `baseline '${constraint.name}': needed the trained SAE of the same variant, recipe and seed; train it first`,
    );
  }
  const own =
    (await constraint.start?.({
      dModel,
      dSae,
      drawn,
      moments,
      seed: recipe.seed,
      ...(constraint.needs === "trained" &&
        options.trained && { trained: scaledWeights(spec, options.trained, 1 / scale) }),
    })) ?? {};
  checkParameterNames(spec, "start", Object.keys(own));
  const given = { ...own, ...options.initial };
  const weights = { ...drawn, ...given } as SaeWeights;
  const shapes = storedShapes(spec);
  for (const name of Object.keys(options.initial ?? {})) {
    if (!shapes[name]) {
      throw new SaeError(
        "bad_config",
        `initial '${name}': ${variant.name} has no such parameter; needed some of ${Object.keys(shapes).join(", ")}`,
      );
    }
  }
  const stored: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (weights[name]?.length !== size) {
      throw new SaeError(
        "shape_mismatch",
        `initial '${name}': needed ${size} numbers for dModel ${dModel} and dSae ${dSae}, got ${weights[name]?.length ?? "none"}; give weights of that size or another dSae`,
      );
    }
    const bad = given[name]?.findIndex((value) => !Number.isFinite(value)) ?? -1;
    if (bad >= 0) {
      throw new SaeError(
        "non_finite",
        `initial '${name}': needed finite numbers, got ${weights[name][bad]} at element ${bad}; give other starting weights`,
      );
    }
    stored[name] = name === "W_enc" ? transposed(weights.W_enc, dModel, dSae) : weights[name];
  }
  const scalars = variant.state?.(config) ?? {};
  const state = Object.fromEntries(
    Object.entries(stateTypes(spec)).map(([name, { shape }]) => {
      if (stored[name]) return [name, stored[name]];
      const size = (shape as number[]).reduce((product, dim) => product * dim, 1);
      return [name, new Float32Array(size).fill(name.startsWith("state.") ? scalars[name.slice(6)] : 0)];
    }),
  );
  const kept = ["W_dec", ...projectedNames(spec)].map((name) => [name, stored[name].slice()]);
  return {
    step: 0,
    state,
    start: { scale: Float32Array.of(scale), ...Object.fromEntries(kept) },
    lastL0: Number.POSITIVE_INFINITY,
    logLines: 0,
  };
}
