/*
 * Running a trained SAE, a batch at a time: the inference rule on raw activations, or the rule that training used.
 *
 *   x, xHat [batch, dModel]     fired [dSae]: inputs of the batch on which each latent is active
 */
import {
  above,
  add,
  atLatents,
  type Codes,
  type CompileOptions,
  cast,
  compile,
  constant,
  type Density,
  decode,
  float32,
  greater,
  type Program,
  preActivation,
  relu,
  SaeError,
  sum,
  sumColumns,
  type Tensor,
  type TensorType,
  topk,
  where,
  withValues,
} from "@sae/core";
import type { SaeParams } from "./defineSae.js";
import { type Activation, type Sae, weightShapes } from "./sae.js";
import { storedShapes, type TrainSpec } from "./trainStep.js";

/** What a forward pass gives: reconstruction and, for each latent, on how many inputs of the batch it was active. */
export interface ForwardResult {
  readonly xHat: Float32Array;
  readonly fired: Float32Array;
}

/** A compiled forward pass for batches of one size. */
export interface Forward {
  /** Reconstructs a batch: x [batch, dModel]. */
  run(x: Float32Array): Promise<ForwardResult>;
  /** Frees the session. */
  dispose(): Promise<void>;
}

const firedCounts = (codes: Codes): Tensor => {
  const active = cast(greater(codes.values, 0), "float32");
  return codes.pattern ? sumColumns(active, codes.pattern) : sum(active, [0]);
};

/** The active latents of an SAE at inference. */
export function inferenceCodes(x: Tensor, p: SaeParams, activation: Activation): Codes {
  if (activation.kind === "variant") return activation.variant.inference.encode({ x, p, config: activation.config });
  const pre = preActivation(x, p);
  if (activation.kind === "topk") return topk(pre, activation.k);
  if (activation.kind === "relu") {
    const codes = above(pre);
    return withValues(codes, relu(codes.values));
  }
  const codes = above(pre, p.threshold);
  const isAbove = greater(codes.values, atLatents(codes, p.threshold));
  return withValues(codes, where(isAbove, relu(codes.values), 0));
}

/** @throws SaeError `bad_config` for a k above dSae */
export function checkActivation(what: string, { dSae, activation }: Sae): void {
  if (activation.kind !== "topk" || activation.k <= dSae) return;
  throw new SaeError(
    "bad_config",
    `${what}: needed k of at most dSae = ${dSae}, got ${activation.k}; correct k in its cfg.json`,
  );
}

/** Compiles an SAE under its inference rule, for raw activations [batch, dModel]. */
export async function compileSae(sae: Sae, batch: number, options: CompileOptions = {}): Promise<Forward> {
  checkActivation("compileSae", sae);
  const { dModel, activation, weights } = sae;
  const types = Object.fromEntries(Object.entries(weightShapes(sae)).map(([name, shape]) => [name, float32(...shape)]));
  const inputs: Record<string, TensorType> = { x: float32(batch, dModel), ...types };
  const program = await compile(
    inputs,
    ({ x, ...p }) => {
      const codes = inferenceCodes(x, p as unknown as SaeParams, activation);
      return {
        xHat: add(decode(codes, (p as unknown as SaeParams).W_dec), (p as unknown as SaeParams).b_dec),
        fired: firedCounts(codes),
      };
    },
    { ...options, fixed: weights },
  );
  return forward(program);
}

/**
 * Compiles a variant under the rule of its training, for raw activations [batch, dModel]: BatchTopK chooses in the batch, not by a threshold.
 *
 * @param sae weights for raw activations
 * @param scalars the variant's scalar state
 * @param density see `densityFor`
 */
export async function compileTrainingRule(
  spec: TrainSpec,
  sae: Sae,
  scalars: Readonly<Record<string, number>>,
  density: Density,
  options: CompileOptions = {},
): Promise<Forward> {
  const { variant, config, dModel, dSae, recipe } = spec;
  const { batch } = recipe;
  const shapes = { ...storedShapes(spec), W_enc: [dModel, dSae] };
  const inputs: Record<string, TensorType> = {
    x: float32(batch, dModel),
    ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [name, float32(...shape)])),
    ...Object.fromEntries(Object.keys(scalars).map((name) => [`state.${name}`, float32()])),
  };
  const program = await compile(
    inputs,
    (args) => {
      const p = Object.fromEntries(Object.keys(shapes).map((name) => [name, args[name]])) as unknown as SaeParams;
      const state = Object.fromEntries(Object.keys(scalars).map((name) => [name, args[`state.${name}`]]));
      const encodeArgs = { x: args.x, p, state, config, batch, density };
      const encoded = variant.encode(encodeArgs);
      const { xHat } = variant.loss({
        ...encodeArgs,
        ...encoded,
        schedule: { lr: constant(1), sparsity: constant(1) },
      });
      return { xHat, fired: firedCounts(encoded.codes) };
    },
    {
      ...options,
      fixed: {
        ...Object.fromEntries(Object.keys(shapes).map((name) => [name, sae.weights[name]])),
        ...Object.fromEntries(
          Object.entries(scalars).map(([name, value]) => [`state.${name}`, Float32Array.of(value)]),
        ),
      },
    },
  );
  return forward(program);
}

function forward(program: Program<"x", string>): Forward {
  return {
    run: async (x) => {
      const { xHat, fired } = await program.run({ x });
      return { xHat: xHat.data as Float32Array, fired: fired.data as Float32Array };
    },
    dispose: () => program.dispose(),
  };
}
