import type { CompileOptions } from "@sae/core";
import type { Calibration } from "./calibrate.js";
import type { Constraint } from "./constraint.js";
import type { AnySae } from "./defineSae.js";
import type { RecipeInput } from "./recipe.js";
import type { Sae, SaeWeights } from "./sae.js";
import type { ActivationSource } from "./source.js";
import type { LogColumn, TrainSpec } from "./trainStep.js";

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
  /** The trained SAE that the constraint starts from; only for one that `needs` it. */
  readonly trained?: SaeWeights;
  /** Folder for checkpoint, log and result. Without one nothing is written and nothing can be resumed. */
  readonly out?: string;
  /** A line of the log every so many steps (the first and the last always); 100 when left out. */
  readonly logEvery?: number;
  /** Least time between two checkpoints in ms; 60,000 when left out. It does not change the result. */
  readonly checkpointMs?: number;
  /** Held-out activations for the threshold; 131,072 when left out. */
  readonly calibrationRows?: number;
  /** Steps after which `onSnapshot` is called with the weights so far; those past the end of the run are not reached. */
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
