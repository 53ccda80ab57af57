/*
 *   n dModel     m dSae     k target L0     B batch     S bytes of the state that is carried from step to step
 */
import { densityFor, stateTypes, stepsPerRun, type TrainSpec } from "@sae/autoencoders";
import { type Cost, costOf, inTurn, processBytes } from "../costs/cost.js";
import type { DataConfig } from "./dataSource.js";
import type { TrainConfig } from "./trainConfig.js";
import { trainSpec } from "./trainSpec.js";

/** What a training job's cost depends on besides its config. */
export interface TrainSizes {
  readonly dModel: number;
  /** Rows that there are, where they are on disk. */
  readonly rows?: number;
}

/** Passes over a parameter of four bytes an element: gradient, norm, and AdamW as the graph has it (adamw.ts), one operation after the other. */
const adamwPasses = 32;
/** Further ones over W_dec: its gradient without the part along the row, rows of unit norm. */
const unitRowPasses = 15;
/** Of a parameter that a baseline projects. */
const projectionPasses = 15;
/** Over [batch, dSae] where codes are laid out densely; where they are listed, a selection writes and reads it once. */
const densePasses = 12;
const sparsePasses = 2;
/** Dense tensors [batch, dSae] that are in memory at once. */
const denseTensors = 7;
/** What a selection works on at a time. */
const chunkBytes = 64e6;
/** How often the state is in memory: before a run, what the program makes of it, the copy that it hands back, and what onnxruntime's arena keeps. */
const stateCopies = { dense: 3, sparse: 6 };
/** Rows that a covariance is made from. */
const momentRows = 100_000;
/** Plain arithmetic for a normal number, and for an element of a metric. */
const opsPerNormal = 30;
const opsPerMetric = 12;
/** Rows held out by default, and rows of a threshold by default. */
const defaultHeldOut = 0.05;
const defaultCalibrationRows = 131_072;

const elementsOf = (shape: readonly unknown[]): number =>
  (shape as readonly number[]).reduce((product, dim) => product * dim, 1);

/** Cost of a training job: the first state, the steps, a threshold, the evaluation. */
export function trainCost(config: TrainConfig, sizes: TrainSizes): Cost {
  const spec = trainSpec(config, sizes.dModel);
  return inTurn(startCost(spec), stepsCost(spec), dataCost(config, spec), evaluationCost(config, spec, sizes));
}

/** Bytes of the parameters, and of everything that is carried: parameters, moments, counters. */
export function stateBytes(spec: TrainSpec): { parameters: number; all: number } {
  const entries = Object.entries(stateTypes(spec)).map(([name, { shape }]) => [name, 4 * elementsOf(shape)] as const);
  const sum = (list: typeof entries) => list.reduce((total, [, bytes]) => total + bytes, 0);
  return { parameters: sum(entries.filter(([name]) => !/^(m|v|state)\.|^sinceFired$/.test(name))), all: sum(entries) };
}

/** Optimiser steps in which codes are laid out densely: while a learned sparsity is on its way, or throughout where the target is not sparse. */
function denseSteps({ variant, config, recipe, dSae }: TrainSpec): number {
  if (variant.inference !== "own") return 0;
  return densityFor(config.l0, dSae) === "dense" ? recipe.steps : Math.min(recipe.steps, recipe.l0Warmup);
}

/** Floating-point operations of the products of one step: encoding, decoding, and the gradients that somebody wants. */
export function stepFlops(spec: TrainSpec, density: "dense" | "sparse"): number {
  const { dModel, dSae, config, recipe } = spec;
  const trained = Object.keys(stateTypes(spec));
  const decoderGradient = trained.includes("m.W_dec") ? 1 : 0;
  const encoderGradient = trained.includes("m.W_enc") ? 1 : 0;
  const products = 2 + decoderGradient + encoderGradient; // decoding, the codes' gradient, those two
  const perLatent = 2 * recipe.batch * dModel;
  return perLatent * dSae + products * perLatent * (density === "dense" ? dSae : config.l0);
}

function stepsCost(spec: TrainSpec): Partial<Cost> {
  const { recipe, dModel, dSae, config, constraint } = spec;
  const { steps, batch } = recipe;
  const types = stateTypes(spec);
  const { all } = stateBytes(spec);
  const dense = denseSteps(spec);
  const sparse = steps - dense;
  const trained = Object.keys(types).filter((name) => `m.${name}` in types);
  const bytes = (names: readonly string[]) =>
    names.reduce((total, name) => total + 4 * elementsOf(types[name]?.shape ?? [0]), 0);
  const projected = Object.keys(constraint.project ?? {});
  const optimiser =
    adamwPasses * bytes(trained) +
    unitRowPasses * bytes(trained.filter((name) => name === "W_dec")) +
    projectionPasses * bytes(projected);
  const rowsOfLatents = 4 * batch * config.l0 * dModel; // a row for each active latent
  const activations = 4 * batch * dSae;
  const runs = Math.ceil(steps / stepsPerRun(spec));
  const batches = 4 * batch * dModel * Math.min(steps, stepsPerRun(spec));
  return {
    flops: dense * stepFlops(spec, "dense") + sparse * stepFlops(spec, "sparse"),
    passBytes:
      steps * optimiser + dense * densePasses * activations + sparse * (sparsePasses * activations + 8 * rowsOfLatents),
    feedBytes: runs * all + 4 * batch * dModel * steps,
    resultBytes: runs * all,
    memoryBytes:
      processBytes +
      2 * bytes(trained) + // gradients, and what becomes of them
      bytes(projected) +
      2 * batches +
      Math.max(
        dense > 0 ? stateCopies.dense * all + denseTensors * activations : 0,
        sparse > 0 ? stateCopies.sparse * all + Math.min(chunkBytes, 2 * activations) + rowsOfLatents : 0,
      ),
    scratchBytes: steps === 0 ? 0 : all + bytes(["W_dec", ...projected]),
  };
}

/** The random draw, and where it or the baseline needs the covariance of the activations, that. */
function startCost({ recipe, dModel: n, dSae: m, constraint }: TrainSpec): Partial<Cost> {
  const isPrincipal = constraint.start !== undefined && constraint.needs === undefined;
  const covariance = recipe.init === "cov" || isPrincipal;
  const batches = Math.ceil(momentRows / recipe.batch);
  return {
    flops: covariance ? 2 * momentRows * n * n : 0,
    scalarOps:
      opsPerNormal * m * n +
      (covariance ? batches * n * n : 0) +
      (recipe.init === "cov" ? n ** 3 / 3 + m * n * n : 0) + // Cholesky, and a product for each row
      (isPrincipal ? 9 * n ** 3 : 0), // eigenvectors
    memoryBytes: covariance ? processBytes + 4 * 8 * n * n : 0,
  };
}

/** Making or reading the activations of the steps, and of the first 100 for the scale. */
function dataCost({ data, evaluationRows }: TrainConfig, { recipe, dModel }: TrainSpec): Partial<Cost> {
  const rows = (recipe.steps + (recipe.scale === "rms" ? 100 : 1)) * recipe.batch + evaluationRows;
  return { scalarOps: rows * (data.kind === "synthetic" ? sampleOps(data) : dModel) };
}

function sampleOps({ probability, features, dModel }: Extract<DataConfig, { kind: "synthetic" }>): number {
  const { logMin, logMax } = probability.kind === "constant" ? { logMin: 0, logMax: 0 } : probability;
  const mean =
    probability.kind === "constant" ? probability.p : (10 ** logMax - 10 ** logMin) / (Math.LN10 * (logMax - logMin));
  return features * mean * (2 * dModel + 2 * opsPerNormal);
}

/** The threshold where one is calibrated, both rules on held-out rows, and snapshots. */
function evaluationCost(config: TrainConfig, spec: TrainSpec, { rows }: TrainSizes): Partial<Cost> {
  const { recipe, dModel: n, dSae: m, variant, constraint } = spec;
  const { l0 } = spec.config;
  const heldOut = rows === undefined ? Number.POSITIVE_INFINITY : rows * heldOutShare(config.data);
  const given = (wanted: number) => Math.min(Math.ceil(wanted / recipe.batch) * recipe.batch, heldOut || (rows ?? 0));
  const isCalibrated =
    variant.inference === "threshold" || (constraint.calibrate === true && variant.inference !== "topk");
  const calibrated = isCalibrated ? given(config.calibrationRows ?? defaultCalibrationRows) : 0;
  const evaluated = 2 * given(config.evaluationRows) + config.snapshots.length * given(config.snapshotRows);
  const encode = 2 * n * m;
  const { parameters } = stateBytes(spec);
  return costOf({
    flops: (evaluated + calibrated) * encode + evaluated * 2 * n * l0,
    passBytes: (evaluated + calibrated) * (sparsePasses * 4 * m + 8 * n * l0),
    scalarOps: evaluated * opsPerMetric * n,
    feedBytes: 3 * parameters + (evaluated + calibrated) * 4 * n,
    resultBytes: evaluated * 4 * n + calibrated * 8 * l0,
    // All pre-activations near the threshold are kept, joined, and sorted.
    memoryBytes: processBytes + 2 * parameters + calibrated * 3 * 4 * 2 * l0,
    diskBytes: parameters + (isCalibrated ? 4 * m : 0),
  });
}

const heldOutShare = (data: DataConfig): number => {
  if (data.kind === "synthetic") return 1;
  return data.heldOut ?? (data.kind === "file" && data.order === "sequential" ? 0 : defaultHeldOut);
};
