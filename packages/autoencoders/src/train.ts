import { createHash } from "node:crypto";
import { mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  biasCorrections,
  type CompileOptions,
  type Density,
  type Program,
  ramp,
  SaeError,
  scheduleFactor,
  writeFileAtomic,
} from "@sae/core";
import { type Calibration, calibrateThreshold } from "./calibrate.js";
import { type Checkpoint, firstLines, readCheckpoint, writeCheckpoint } from "./checkpoint.js";
import { type Constraint, unconstrained } from "./constraint.js";
import type { AnySae } from "./defineSae.js";
import { activationMoments, drawRows, meanRow, rmsNorm, startingWeights, transposed } from "./initialWeights.js";
import { type RecipeInput, recipeSchema } from "./recipe.js";
import type { Activation, Sae, SaeWeights } from "./sae.js";
import { saveSae } from "./sae.js";
import type { ActivationSource } from "./source.js";
import {
  compileTraining,
  type LogColumn,
  logColumns,
  scheduleNames,
  stateTypes,
  storedShapes,
  type TrainSpec,
} from "./trainStep.js";

/** The record of one step: its number, from 0, and the logged values. */
export type LogLine = { readonly step: number } & Readonly<Record<LogColumn, number>>;

/** How far a run is. */
export interface TrainProgress {
  readonly step: number;
  readonly steps: number;
  /** Values of the last step. */
  readonly last: LogLine;
  readonly tokensPerSecond: number;
  readonly msLeft: number;
}

/** What `train` needs to know. */
export interface TrainOptions {
  readonly variant: AnySae;
  /** Options of the variant; `l0` is needed. */
  readonly config: { readonly l0: number } & Readonly<Record<string, unknown>>;
  readonly recipe: RecipeInput;
  readonly source: ActivationSource;
  /** What a baseline forbids; nothing when left out. */
  readonly constraint?: Constraint;
  /** Starting weights instead of a random draw, on the activations as trained. */
  readonly initial?: Partial<SaeWeights>;
  /** The trained SAE that the constraint starts from, when it needs one. */
  readonly trained?: SaeWeights;
  /** Folder for checkpoint, log and result. Without one nothing is written and nothing can be resumed. */
  readonly out?: string;
  /** A line of the log every so many steps (the first and the last always); 100 when left out. */
  readonly logEvery?: number;
  /** Least time between two checkpoints in ms; 60,000 when left out. It does not change the result. */
  readonly checkpointMs?: number;
  /** Held-out activations for the threshold; 131,072 when left out. */
  readonly calibrationRows?: number;
  /** Steps after which `onSnapshot` is called with the weights so far. */
  readonly snapshots?: readonly number[];
  /** Called after the steps named in `snapshots`. */
  readonly onSnapshot?: (snapshot: Snapshot) => Promise<void> | void;
  /** Called after every piece of a run (some dozens of steps). */
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly compile?: CompileOptions;
  /** Written to run.json beside what the run itself knows. */
  readonly metadata?: Readonly<Record<string, unknown>>;
}

/** A run at a step on its way. */
export interface Snapshot {
  readonly spec: TrainSpec;
  /** Steps made. */
  readonly step: number;
  /** Weights for raw activations, without a calibrated threshold. */
  readonly sae: Sae;
  /** Decoder rows before the first step [dSae, dModel]. */
  readonly initialDecoder: Float32Array;
  /** Values of the variant's scalar state. */
  readonly scalars: Readonly<Record<string, number>>;
  readonly last: LogLine;
}

/** What a run ends with. */
export interface TrainResult {
  readonly spec: TrainSpec;
  /** Ready for raw activations. */
  readonly sae: Sae;
  /** Decoder rows before the first step [dSae, dModel]. */
  readonly initialDecoder: Float32Array;
  readonly log: readonly LogLine[];
  readonly calibration: Calibration | null;
  /** Divide raw activations by this to get what was trained on. */
  readonly scale: number;
  /** Values of the variant's scalar state at the end. */
  readonly scalars: Readonly<Record<string, number>>;
}

/** Bytes of batches handed over in one run: enough steps to make the crossing cheap, little memory. */
const bytesPerRun = 16 << 20;
/** Codes are listed when fewer than one latent in 40 is active, and laid out densely when more are. */
export const densityFor = (l0: number, dSae: number): Density => (l0 * 40 < dSae ? "sparse" : "dense");

/**
 * Trains one SAE. With `out`, a run that was killed continues from its last checkpoint and ends with the same bytes; a finished one is trained again
 * only by a caller who asks for it.
 *
 * @throws SaeError `bad_config` for options that the variant's schema refuses, `other_run`, `corrupt_checkpoint`, and those of the source
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const run = await startRun(options);
  const { spec, source, fingerprint } = run;
  const { recipe } = spec;
  const checkpointFile = options.out && join(options.out, "checkpoint.safetensors");
  const resumed = checkpointFile ? await readCheckpoint(checkpointFile, fingerprint) : null;
  const begin = resumed ?? (await firstState(run, options));
  const log = await openLog(options.out, begin.logLines);
  let { step, state, lastL0 } = begin;
  const scale = begin.start.scale[0];
  const initialDecoder = begin.start.W_dec;
  let active: { density: Density; program: Program<string, string> } | undefined;
  const perRun = stepsPerRun(spec);
  const snapshots = (options.snapshots ?? []).filter((at) => at > 0 && at <= recipe.steps);
  const logEvery = options.logEvery ?? 100;
  const x = new Float32Array(perRun * recipe.batch * spec.dModel);
  const startedAt = performance.now();
  const firstStep = step;
  let savedAt = startedAt;
  let last = log.lines[log.lines.length - 1];
  try {
    while (step < recipe.steps) {
      const end = Math.min(recipe.steps, step + perRun - (step % perRun), ...snapshots.filter((at) => at > step));
      const density = densityFor(lastL0, spec.dSae);
      if (active?.density !== density) {
        await active?.program.dispose();
        active = { density, program: await compileTraining(spec, density, programOptions(density, options.compile)) };
      }
      const batches = x.subarray(0, (end - step) * recipe.batch * spec.dModel);
      for (let at = step; at < end; at++) {
        await source.trainBatch(
          at,
          batches.subarray((at - step) * recipe.batch * spec.dModel, (at - step + 1) * recipe.batch * spec.dModel),
        );
      }
      const results = await active.program.run(feedsOf(spec, begin, state, batches, step, end, scale));
      state = Object.fromEntries(Object.keys(state).map((name) => [name, results[name].data as Float32Array]));
      const rows = logRows(results.log.data as Float32Array, step);
      last = rows[rows.length - 1];
      checkFinite(rows);
      await log.append(
        rows.filter((row) => (row.step + 1) % logEvery === 0 || row.step === 0 || row.step === recipe.steps - 1),
      );
      lastL0 = last.l0;
      step = end;
      if (snapshots.includes(step)) {
        await options.onSnapshot?.({
          spec,
          step,
          sae: toSae(spec, state, scale, { kind: "relu" }),
          initialDecoder,
          scalars: scalarsOf(state),
          last,
        });
      }
      const now = performance.now();
      if (checkpointFile && step < recipe.steps && now - savedAt >= (options.checkpointMs ?? 60_000)) {
        await writeCheckpoint(
          checkpointFile,
          { step, state, start: begin.start, lastL0, logLines: log.lines.length },
          fingerprint,
        );
        savedAt = now;
      }
      const perStep = (now - startedAt) / (step - firstStep);
      options.onProgress?.({
        step,
        steps: recipe.steps,
        last,
        tokensPerSecond: (recipe.batch * 1000) / perStep,
        msLeft: perStep * (recipe.steps - step),
      });
    }
  } finally {
    await log.close();
    await active?.program.dispose();
  }
  const finished = await finish(run, options, state, scale);
  const result: TrainResult = { ...finished, spec, initialDecoder, log: log.lines, scale, scalars: scalarsOf(state) };
  if (options.out) await saveRun(run, options, result);
  if (checkpointFile) await rm(checkpointFile, { force: true });
  return result;
}

const scalarsOf = (state: Checkpoint["state"]): Record<string, number> =>
  Object.fromEntries(
    Object.keys(state)
      .filter((name) => name.startsWith("state."))
      .map((name) => [name.slice(6), state[name][0]]),
  );

/**
 * onnxruntime's arena keeps freed blocks and grows by doubling: with dense [batch, dSae] tensors that is half of a training process's memory, so those
 * programs do without it, for about a fifth of their speed.
 */
const programOptions = (density: Density, options: CompileOptions = {}): CompileOptions =>
  density === "dense"
    ? { ...options, sessionOptions: { enableCpuMemArena: false, ...options.sessionOptions } }
    : options;

interface Run {
  readonly spec: TrainSpec;
  readonly source: ActivationSource;
  readonly identity: Readonly<Record<string, unknown>>;
  readonly fingerprint: string;
}

async function startRun(options: TrainOptions): Promise<Run> {
  const { variant, source, constraint = unconstrained } = options;
  const recipe = parse(recipeSchema, options.recipe, "recipe");
  const config = parse(variant.config, options.config, `options of '${variant.name}'`) as TrainSpec["config"];
  const sizes = { dModel: source.dModel, dSae: recipe.dSae };
  const dSae = constraint.width?.(sizes) ?? recipe.dSae;
  if (config.l0 > dSae) {
    throw new SaeError(
      "bad_config",
      `${variant.name}: needed a target L0 of at most dSae = ${dSae}, got ${config.l0}; lower --l0 or raise --d-sae`,
    );
  }
  const spec: TrainSpec = { variant, config, constraint, recipe, dModel: source.dModel, dSae };
  const hashes = (weights: Partial<SaeWeights> = {}) =>
    Object.fromEntries(Object.entries(weights).flatMap(([name, data]) => (data ? [[name, sha256(data)]] : [])));
  const identity = {
    ...options.metadata,
    variant: variant.name,
    config,
    constraint: constraint.name,
    constraintConfig: constraint.config ?? {},
    recipe,
    data: source.identity,
    initial: hashes(options.initial),
    ...(constraint.needs === "trained" && { trained: hashes(options.trained) }),
    snapshots: options.snapshots ?? [],
    logEvery: options.logEvery ?? 100,
    calibrationRows: options.calibrationRows ?? defaultCalibrationRows,
  };
  return { spec, source, identity, fingerprint: createHash("sha256").update(JSON.stringify(identity)).digest("hex") };
}

const sha256 = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

interface Parser {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: unknown }
    | { success: false; error: { issues: { path: PropertyKey[]; message: string }[] } };
}

function parse<Schema extends Parser>(
  schema: Schema,
  value: unknown,
  what: string,
): Schema extends { _output: infer Output } ? Output : never {
  const result = schema.safeParse(value);
  if (!result.success) {
    const issues = result.error.issues
      .map((issue) => `${issue.path.join(".") || "value"}: ${issue.message}`)
      .join("; ");
    throw new SaeError("bad_config", `${what}: ${issues}`);
  }
  return result.data as never;
}

/** Scale, starting weights and empty optimiser state. */
async function firstState({ spec, source }: Run, options: TrainOptions): Promise<Checkpoint> {
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
  for (const [name, { shape, initial }] of Object.entries(variant.extraParams?.({ dModel, dSae }, config) ?? {})) {
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
      trained: options.trained && scaled(spec, options.trained, 1 / scale),
    })) ?? {};
  const weights = { ...drawn, ...own, ...options.initial } as SaeWeights;
  const shapes = storedShapes(spec);
  const stored: Record<string, Float32Array> = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((product, dim) => product * dim, 1);
    if (weights[name]?.length !== size) {
      throw new SaeError(
        "shape_mismatch",
        `initial '${name}': needed ${size} numbers for dModel ${dModel} and dSae ${dSae}, got ${weights[name]?.length ?? "none"}`,
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
  const kept = ["W_dec", ...Object.keys(constraint.project ?? {})].map((name) => [name, stored[name].slice()]);
  return {
    step: 0,
    state,
    start: { scale: Float32Array.of(scale), ...Object.fromEntries(kept) },
    lastL0: Number.POSITIVE_INFINITY,
    logLines: 0,
  };
}

const stepsPerRun = ({ recipe, dModel }: TrainSpec): number =>
  Math.max(1, Math.min(50, Math.floor(bytesPerRun / (recipe.batch * dModel * 4))));

function feedsOf(
  spec: TrainSpec,
  begin: Checkpoint,
  state: Checkpoint["state"],
  batches: Float32Array,
  step: number,
  end: number,
  scale: number,
) {
  const { recipe, constraint } = spec;
  const steps = end - step;
  const rows: Record<(typeof scheduleNames)[number], Float32Array> = {
    lr: new Float32Array(steps),
    correction1: new Float32Array(steps),
    correction2: new Float32Array(steps),
    sparsity: new Float32Array(steps),
  };
  for (let i = 0; i < steps; i++) {
    rows.lr[i] = recipe.lr * scheduleFactor(step + i, recipe);
    const corrections = biasCorrections(step + i + 1, recipe.beta1, recipe.beta2);
    rows.correction1[i] = corrections.correction1;
    rows.correction2[i] = corrections.correction2;
    rows.sparsity[i] = ramp(step + i, recipe.l0Warmup);
  }
  return {
    ...state,
    ...Object.fromEntries(Object.keys(constraint.project ?? {}).map((name) => [`initial.${name}`, begin.start[name]])),
    x: { data: batches, shape: [steps, recipe.batch, spec.dModel] },
    inverseScale: Float32Array.of(1 / scale),
    ...Object.fromEntries(scheduleNames.map((name) => [name, { data: rows[name], shape: [steps] }])),
  };
}

function logRows(data: Float32Array, firstStep: number): LogLine[] {
  const width = logColumns.length;
  return Array.from({ length: data.length / width }, (_, i) => ({
    step: firstStep + i,
    ...(Object.fromEntries(logColumns.map((column, c) => [column, data[i * width + c]])) as Record<LogColumn, number>),
  }));
}

function checkFinite(rows: readonly LogLine[]): void {
  const bad = rows.find(({ loss, gradNorm }) => !Number.isFinite(loss) || !Number.isFinite(gradNorm));
  if (bad) {
    const what = `the loss of step ${bad.step} is ${bad.loss}, the norm of its gradient ${bad.gradNorm}`;
    throw new SaeError("diverged", `training diverged: ${what}; lower --lr or check the activations`);
  }
}

/** The log file and its lines; `keep` lines of an interrupted run stay. */
async function openLog(folder: string | undefined, keep: number) {
  if (!folder) {
    const lines: LogLine[] = [];
    return { lines, append: async (rows: LogLine[]) => void lines.push(...rows), close: async () => {} };
  }
  await mkdir(folder, { recursive: true });
  const path = join(folder, "log.jsonl");
  const kept = await firstLines(path, keep);
  await writeFileAtomic(path, kept.map((line) => `${line}\n`).join(""));
  const lines = kept.map((line) => JSON.parse(line) as LogLine);
  const handle = await open(path, "a");
  return {
    lines,
    append: async (rows: LogLine[]) => {
      lines.push(...rows);
      if (rows.length > 0) await handle.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    },
    close: () => handle.close(),
  };
}

const defaultCalibrationRows = 131_072;

/** Weights in the public layout, for activations multiplied by `scale`: biases and thresholds grow with them, matrices do not. */
function scaled({ variant, config, dModel, dSae }: TrainSpec, weights: SaeWeights, scale: number): SaeWeights {
  const extra = variant.extraParams?.({ dModel, dSae }, config) ?? {};
  const grows = (name: string) =>
    name === "b_enc" || name === "b_dec" || name === "threshold" || extra[name]?.scales === true;
  return Object.fromEntries(
    Object.entries(weights).map(([name, data]) => [name, grows(name) ? data.map((value) => value * scale) : data]),
  ) as SaeWeights;
}

function toSae(spec: TrainSpec, state: Checkpoint["state"], scale: number, activation: Activation): Sae {
  const { dModel, dSae } = spec;
  const stored = Object.fromEntries(Object.keys(storedShapes(spec)).map((name) => [name, state[name]]));
  const weights = scaled(spec, { ...stored, W_enc: transposed(stored.W_enc, dSae, dModel) } as SaeWeights, scale);
  return { dModel, dSae, activation, weights };
}

/** The usable SAE: raw scale, inference rule, threshold calibrated where the rule has one. */
async function finish({ spec, source }: Run, options: TrainOptions, state: Checkpoint["state"], scale: number) {
  const { variant, config, constraint, recipe } = spec;
  const rule = constraint.calibrate && variant.inference !== "topk" ? "threshold" : variant.inference;
  if (rule === "topk")
    return { sae: toSae(spec, state, scale, { kind: "topk", k: Math.floor(config.l0) }), calibration: null };
  if (rule === "own") {
    const hasThreshold = "threshold" in storedShapes(spec);
    return { sae: toSae(spec, state, scale, { kind: hasThreshold ? "threshold" : "relu" }), calibration: null };
  }
  const bare = toSae(spec, state, scale, { kind: "threshold" });
  const wanted = Math.ceil((options.calibrationRows ?? defaultCalibrationRows) / recipe.batch);
  const batches = Math.max(1, Math.min(wanted, source.heldOutBatches(recipe.batch)));
  const calibration = await calibrateThreshold(bare, source, config.l0, recipe.batch, batches);
  const threshold = new Float32Array(spec.dSae).fill(calibration.threshold);
  return { sae: { ...bare, weights: { ...bare.weights, threshold } }, calibration };
}

async function saveRun(
  { identity, fingerprint, spec }: Run,
  options: TrainOptions,
  result: TrainResult,
): Promise<void> {
  const folder = options.out as string;
  const { recipe } = spec;
  await saveSae(folder, result.sae, {
    variant: spec.variant.name,
    baseline: spec.constraint.name,
    l0: spec.config.l0,
    seed: recipe.seed,
  });
  const last = result.log[result.log.length - 1] ?? null;
  const summary = {
    ...identity,
    fingerprint,
    scale: result.scale,
    calibration: result.calibration,
    scalars: result.scalars,
    last,
  };
  await writeFileAtomic(join(folder, "run.json"), `${JSON.stringify(summary, null, 2)}\n`);
}
