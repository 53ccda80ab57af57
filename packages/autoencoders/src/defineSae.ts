import { type Codes, type Density, SaeError, type Tensor } from "@sae/core";
import { z } from "zod";
import { architectures } from "./architectures.js";
import { checkDefinition, fieldKinds } from "./checkDefinition.js";

/** Sizes of one SAE. */
export interface SaeSizes {
  readonly dModel: number;
  readonly dSae: number;
}

/**
 * Symbolic parameters: `W_enc [dModel, dSae]`, `b_enc [dSae]`, `W_dec [dSae, dModel]`, `b_dec [dModel]`, and what the variant adds.
 */
export interface SaeParams {
  readonly W_enc: Tensor;
  readonly b_enc: Tensor;
  readonly W_dec: Tensor;
  readonly b_dec: Tensor;
  readonly [name: string]: Tensor;
}

/** A parameter that a variant has besides the four of every SAE. */
export interface ExtraParam {
  readonly shape: readonly number[];
  /** Value of every element before the first step, on activations as trained (scaled). */
  readonly initial: number;
  /** Multiply by the activation scale when the SAE is saved for raw activations, as biases and thresholds are. */
  readonly scales: boolean;
}

/** Scalars that a variant carries from step to step without gradients: a coefficient under control, a running threshold. */
export type ScalarState = Readonly<Record<string, Tensor>>;

/** Schedule values of the current step, all scalars in [0, 1]. */
export interface StepSchedule {
  /** Factor of the learning rate. */
  readonly lr: Tensor;
  /** Rise of the sparsity penalty from 0 to 1 over `l0Warmup` steps. */
  readonly sparsity: Tensor;
}

/** What an encoder gets: a batch, the parameters, and how the run is set up. */
export interface EncodeArguments<Config> {
  /** [batch, dModel] */
  readonly x: Tensor;
  readonly p: SaeParams;
  readonly state: ScalarState;
  readonly config: Config;
  readonly batch: number;
  /** How selections of an open number of latents lay out their codes: hand it to `preActivation`. */
  readonly density: Density;
}

/** What an encoder returns. */
export interface Encoded {
  /** Active latents and their activations. */
  readonly codes: Codes;
  /** Pre-activations of these and of further entries, when the loss needs them (JumpReLU: those near the threshold). */
  readonly near?: Codes;
}

/** What a loss gets: the encoder's arguments and its result. */
export interface LossArguments<Config> extends EncodeArguments<Config>, Encoded {
  readonly schedule: StepSchedule;
}

/** What a loss returns. */
export interface Loss {
  /** [batch, dModel] */
  readonly xHat: Tensor;
  /** The reconstruction loss: mean over the batch of Σ_d (x̂ − x)², or what the variant has in its place. Logged as `mse`. */
  readonly mse: Tensor;
  /** Penalties by name, each a scalar with its weight applied; the loss is `mse` plus their sum. */
  readonly penalties?: Readonly<Record<string, Tensor>>;
}

/** Which latents are active at inference, for variants whose codes are then ReLU(pre) of these. */
export type InferenceRule =
  /** The k largest per input: same rule as in training. */
  | "topk"
  /** Above one calibrated threshold (exact quantile of held-out activations so that the mean L0 is the target). */
  | "threshold"
  /** Positive (ReLU) or above the learned thresholds: same rule as in training. */
  | "own";

/** An encoder for use, of a variant whose function is none that an {@link InferenceRule} names. */
export interface OwnInference<Config> {
  /**
   * Active latents of a batch [batch, dModel] of any size, on raw activations: `p` is folded to their scale (see `ExtraParam.scales`), `config` is
   * not, so what has the unit of an activation must be a parameter. Each input has to be encoded without a look at the others.
   */
  readonly encode: (args: Pick<EncodeArguments<Config>, "x" | "p" | "config">) => Codes;
}

/** An SAE architecture: everything that sets it apart. */
export interface SaeDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Name on the command line, in files and tables. */
  readonly name: string;
  /** Name in figures. */
  readonly title: string;
  /** Where it comes from. */
  readonly paper: string;
  /** Options of this variant; `l0` is the target number of active latents per input, which all have. */
  readonly config: Schema;
  /** Parameters besides the four of every SAE. */
  readonly extraParams?: (sizes: SaeSizes, config: z.infer<Schema>) => Readonly<Record<string, ExtraParam>>;
  /** Initial values of the scalar state. */
  readonly state?: (config: z.infer<Schema>) => Readonly<Record<string, number>>;
  /** Active latents of a batch, with gradients. */
  readonly encode: (args: EncodeArguments<z.infer<Schema>>) => Encoded;
  /** Reconstruction and loss of a batch, with gradients. */
  readonly loss: (args: LossArguments<z.infer<Schema>>) => Loss;
  /** State of the next step. `l0` is this step's mean number of active latents. */
  readonly nextState?: (args: LossArguments<z.infer<Schema>> & { readonly l0: Tensor }) => ScalarState;
  /** True when dead latents are trained to reconstruct what is left over (auxiliary loss). */
  readonly auxiliary: boolean;
  /** What a trained SAE does when it is used: one of the rules, or an encoder of the variant's own. */
  readonly inference: InferenceRule | OwnInference<z.infer<Schema>>;
}

/** An architecture whose options are not known statically: what registries and the trainer hold. */
// biome-ignore lint/suspicious/noExplicitAny: a definition is used with the config that its own schema parsed
export type AnySae = SaeDefinition<z.ZodType<any>>;

/** A variant with an encoder of its own for use; its SAEs are saved under its name. */
// biome-ignore lint/suspicious/noExplicitAny: see AnySae
export type AnySaeWithInference = AnySae & { readonly inference: OwnInference<any> };

/** Whether a variant brings its own encoder for use. */
export const hasOwnInference = (variant: AnySae): variant is AnySaeWithInference =>
  typeof variant.inference === "object";

const { text, flag, callable, schema } = fieldKinds;

/** What each key of a definition has to be. */
const fields = {
  name: text,
  title: text,
  paper: text,
  config: schema,
  extraParams: callable.optional(),
  state: callable.optional(),
  encode: callable,
  loss: callable,
  nextState: callable.optional(),
  auxiliary: flag,
  inference: z.union(
    [z.enum(["topk", "threshold", "own"] satisfies InferenceRule[]), z.strictObject({ encode: callable })],
    "'topk', 'threshold', 'own' or { encode }",
  ),
} satisfies Record<keyof SaeDefinition, z.ZodType>;

/**
 * Checks a definition and gives its functions their types. The object is its own registration.
 *
 * @throws SaeError `bad_name`, `bad_definition` for keys that there are not and for those that are missing or something else
 */
export function defineSae<Schema extends z.ZodType>(definition: SaeDefinition<Schema>): SaeDefinition<Schema> {
  checkDefinition("defineSae", definition, fields);
  if (!/^[a-z][a-z0-9_]*$/.test(definition.name)) {
    throw new SaeError(
      "bad_name",
      `defineSae: needed a name of lower-case letters, digits and _, got '${definition.name}'`,
    );
  }
  if (hasOwnInference(definition) && Object.values<string>(architectures).includes(definition.name)) {
    throw new SaeError(
      "bad_name",
      `defineSae: needed a name that is not SAELens's for another function, got '${definition.name}' with an inference encoder of its own; rename it`,
    );
  }
  return definition;
}
