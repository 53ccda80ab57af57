import { saebenchMaskRecipe } from "@sae/editing";
import { allConditions, parseCondition } from "./conditions.js";
import type { EvaluationChoice } from "./evaluationPlan.js";
import type { LlmStudyOptions } from "./llmPlan.js";
import type { SyntheticOptions } from "./syntheticPlan.js";

/** Sizes of case study 1: how much of the paper's training budget, never which kind of run. */
export type PresetName = "quick" | "laptop" | "paper";
export const presetNames = ["quick", "laptop", "paper"] as const;

/** What a preset chooses; the rest are the defaults of the recipe. */
export type Preset = Pick<SyntheticOptions, "recipe" | "snapshots" | "rows" | "floor" | "variantOptions"> & {
  /** For the help and the report. */
  readonly describe: string;
};

/** The activations and sizes of the paper, which every preset keeps. */
export const paperSetting = {
  n: 100,
  features: 3200,
  dSae: 3200,
  l0: 20,
  p: 0.00625,
  logMin: -5.5,
  logMax: -1.2,
  magnitude: { mu: 0, sigma: 0.25 },
} as const;

const everySnapshot = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

/**
 * In a short run ReLU's penalty has no time to find its weight: it starts where a long run ends, and moves faster. The sparsity
 * it is steered to is the same.
 */
const fastSteering = { relu: { l1Start: 0.1, gain: 0.01 } };

/** The presets of `pnpm bench synthetic`; `pnpm bench` alone runs the quick one. */
export const presets: Readonly<Record<PresetName, Preset>> = {
  quick: {
    describe: "1200 steps of 256: minutes, shows tables and figures but recovers next to nothing yet",
    recipe: { dSae: 3200, steps: 1200, batch: 256, lr: 1e-3, warmup: 40, l0Warmup: 80 },
    variantOptions: fastSteering,
    snapshots: [0.05, 0.1, 0.25, 0.5, 0.75, 1],
    rows: { evaluationRows: 16_384, snapshotRows: 4096, calibrationRows: 16_384 },
    floor: { draws: 3, matchings: 1 },
  },
  laptop: {
    describe: "10,000 steps of 2048: about half an hour on two cores, recovery has begun",
    recipe: { dSae: 3200, steps: 10_000, batch: 2048, lr: 1e-3 },
    snapshots: everySnapshot,
    rows: { evaluationRows: 65_536, snapshotRows: 8192, calibrationRows: 65_536 },
    floor: { draws: 10, matchings: 3 },
  },
  paper: {
    describe: "30,000 steps of 4096: about half an hour for each SAE on a core, the contrast of the paper",
    recipe: { dSae: 3200, steps: 30_000, lr: 1e-3 },
    snapshots: everySnapshot,
    floor: { draws: 20, matchings: 3 },
  },
};

/** A hook of a language model, as they are asked for. */
interface NamedSite {
  readonly model: string;
  readonly hook: string;
}

/** Sizes of case study 2 in a language model. */
export interface LlmPreset {
  /** Where SAEs are trained; the middle of the embedded model when left out. */
  readonly sites?: readonly NamedSite[];
  /** Texts, those that come with the program when left out; and the length of their contexts. */
  readonly text?: readonly string[];
  readonly ctx?: number;
  /** Longest activations to train on, in median norms; any when left out. */
  readonly maxNorm?: number;
  /** Architectures, and what they are compared with; all when left out. */
  readonly variants?: readonly string[];
  readonly baselines?: readonly string[];
  /** Rows of activations to train on, and contexts of the same text that no SAE is trained on. */
  readonly tokens: number;
  readonly evaluationContexts: number;
  readonly heldOut: number;
  /** Latents, or latents for each dimension of the activations. */
  readonly latents: { readonly dSae: number } | { readonly expansion: number };
  readonly recipe: Readonly<Record<string, unknown>> & { readonly steps: number };
  /** Architectures that are not trained at every target. */
  readonly l0sOf: Readonly<Record<string, readonly number[]>>;
  readonly l0s: readonly number[];
  readonly seeds: readonly number[];
  readonly variantOptions: NonNullable<LlmStudyOptions["variantOptions"]>;
  readonly baselineOptions?: NonNullable<LlmStudyOptions["baselineOptions"]>;
  readonly rows: NonNullable<LlmStudyOptions["rows"]>;
  /** Options of evaluations, by their name, and what they are made on where that is not everything. */
  readonly evaluations: Readonly<Record<string, Omit<EvaluationChoice, "id">>>;
  /** Shares of the steps after which lazy training is looked at. */
  readonly lazyShares: readonly number[];
  /** For the help. */
  readonly describe: string;
}

/** Those of the paper's tables 2 to 4 and figures 1, 7, 8, 10 and 14, no more of each than they show. */
const paperArchitectures = { variants: ["topk", "batchtopk", "jumprelu"], isLean: true };

/** The shares of the paper's figure 11. */
const lazyShares = [0.05, 0.1];

/** What the paper compares: its tables 2 to 4. */
const ofThePaper = allConditions.filter((name) => parseCondition(name).role !== "control");

/** Sizes of case study 2: those of case study 1, and the one that `pnpm bench llm` has when none is named. */
export type LlmPresetName = PresetName | "standard";

/** `pnpm bench` alone runs the quick one, `pnpm bench llm` the standard one. */
export const llmPresets: Readonly<Record<LlmPresetName, LlmPreset>> = {
  quick: {
    tokens: 200_000,
    evaluationContexts: 32,
    heldOut: 0.05,
    latents: { dSae: 2048 },
    recipe: { steps: 400, batch: 512, lr: 1e-3, warmup: 30, l0Warmup: 60 },
    l0s: [32, 64],
    l0sOf: { topk: [32], relu: [32], matryoshka: [32] },
    seeds: [0],
    variantOptions: fastSteering,
    rows: { evaluationRows: 8192, calibrationRows: 8192, snapshotRows: 4096 },
    // Two thirds of the time goes into these: they are made on the SAEs of the paper's tables and figures.
    evaluations: {
      autointerp: { ...paperArchitectures, l0s: [32], config: { latents: 100 } },
      probing: paperArchitectures,
      ravel: {
        ...paperArchitectures,
        config: { entityTokens: 2, trainPairs: 256, testPairs: 128, randomMasks: 2, mdasEpochs: 2 },
      },
    },
    lazyShares,
    describe: "the model that comes with the program, 400 steps of 512: a quarter of an hour on two cores",
  },
  standard: {
    tokens: 500_000,
    evaluationContexts: 64,
    heldOut: 0.05,
    latents: { expansion: 8 },
    recipe: { steps: 4000 },
    l0s: [16, 32, 64],
    l0sOf: {},
    seeds: [0],
    variantOptions: {},
    rows: {},
    evaluations: {},
    lazyShares,
    describe: "a model of yours, or the one that comes with the program, 4000 steps of 4096: a night",
  },
  laptop: {
    sites: [{ model: "tinyllama-1.1b", hook: "blocks.10.hook_resid_post" }],
    maxNorm: 10, // its attention sinks hold nearly all of the variance
    tokens: 200_000,
    evaluationContexts: 4,
    heldOut: 0.05,
    latents: { dSae: 4096 },
    recipe: { steps: 600, batch: 512, lr: 5e-4, warmup: 30, l0Warmup: 60 },
    variants: ["batchtopk", "jumprelu"],
    baselines: [...ofThePaper, "random"],
    l0s: [64],
    l0sOf: {},
    seeds: [0],
    variantOptions: {},
    rows: { evaluationRows: 8192, calibrationRows: 8192, snapshotRows: 4096 },
    evaluations: {
      ravel: {
        config: {
          candidates: 80,
          templates: 3,
          entities: 60,
          newTokens: 3,
          trainPairs: 64,
          testPairs: 24,
          epochs: 1,
          mdasEpochs: 1,
          layerPairs: 0,
          randomMasks: 1,
        },
      },
    },
    lazyShares,
    describe: "TinyLlama 1.1B, two architectures at L0 64, 600 steps of 512: hours on a laptop",
  },
  paper: {
    sites: [
      { model: "google/gemma-2-2b", hook: "blocks.12.hook_resid_post" },
      { model: "google/gemma-2-2b", hook: "blocks.19.hook_resid_post" },
      { model: "meta-llama/Llama-3.1-8B", hook: "blocks.16.hook_resid_post" },
    ],
    text: ["hf:Skylion007/openwebtext"],
    ctx: 512,
    tokens: 500_000_000,
    evaluationContexts: 128,
    heldOut: 0.002,
    latents: { expansion: 32 },
    // One pass: 500M activations in batches of 4096. Learning rate and all else are the recipe's defaults.
    recipe: { steps: 122_070 },
    variants: ["relu", "topk", "batchtopk", "jumprelu"],
    baselines: ofThePaper,
    l0s: [80, 115, 160, 225, 320],
    l0sOf: {},
    seeds: [0],
    variantOptions: {},
    rows: {},
    evaluations: {
      // A latent that is active on one token in a million is met twenty times.
      autointerp: { l0s: [160], config: { tokens: 20_000_000 } },
      "autointerp-llm": { config: { tokens: 20_000_000 } },
      probing: { config: { dataSets: ["saebench"], train: 2000, test: 500, tokens: 128 } },
      // SAEBench's: 10,000 pairs of an attribute, of which 70 % are trained on.
      ravel: {
        config: {
          entityTypes: ["city", "nobel_prize_winner"],
          candidates: 3552,
          templates: 45,
          entities: 500,
          entityTokens: 20,
          trainPairs: 3500,
          testPairs: 1500,
          epochs: saebenchMaskRecipe.epochs,
          lr: saebenchMaskRecipe.lr,
          batch: saebenchMaskRecipe.batch,
          mdasEpochs: 10,
        },
      },
    },
    lazyShares,
    describe:
      "Gemma-2-2B after layers 12 and 19 and Llama-3.1-8B after layer 16, 500M tokens of OpenWebText: the paper's sites, widths, targets and evaluations",
  },
};
