import {
  type Constraint,
  checkDefinition,
  fieldKinds,
  type SaeSizes,
  type SaeWeights,
  type StartArguments,
} from "@sae/autoencoders";
import { SaeError, type Tensor } from "@sae/core";
import { z } from "zod";

/** A parameter after the optimiser's step, before the baseline has its say. Both tensors are stored with one row per latent. */
export interface ProjectArguments<Config> {
  /** [dSae, dModel] for W_dec (rows of unit norm) and W_enc (transposed), [dSae] or [dModel] for biases. */
  readonly w: Tensor;
  /** Its value before the first step; W_dec has rows of unit norm, whatever starting weights were given. */
  readonly initial: Tensor;
  readonly config: Config;
}

/** A control or random baseline: everything that sets it apart from ordinary training. It never sees a gradient. */
export interface BaselineDefinition<Schema extends z.ZodType = z.ZodType> {
  /** Name on the command line, in files and tables. */
  readonly name: string;
  /** Name in figures. */
  readonly title: string;
  /** One sentence: what is random, what is learned. */
  readonly description: string;
  readonly config: Schema;
  /** True when it begins with the random draw of the study's seed, so that the choice between iso and cov rows (`init` of the recipe) matters. */
  readonly drawn: boolean;
  /** Parameters that keep their initial value; "all" trains nothing. Names that only other variants have are ignored; see {@link Constraint}. */
  readonly frozen?: Constraint["frozen"];
  /** Applied to a parameter after each step. Names that only other variants have are ignored. */
  readonly project?: Readonly<Record<string, (args: ProjectArguments<z.infer<Schema>>) => Tensor>>;
  /** Replaces parts of the starting weights. */
  readonly start?: (
    args: StartArguments & { readonly config: z.infer<Schema> },
  ) => Promise<Partial<SaeWeights>> | Partial<SaeWeights>;
  /** A number of latents of its own. */
  readonly width?: (sizes: SaeSizes, config: z.infer<Schema>) => number;
  /** "trained": it begins with the fully trained SAE of the same variant, recipe and seed. */
  readonly needs?: "trained";
  /** Set where its codes are those of the trained SAE on every input: what reads nothing but codes cannot tell the two apart. */
  readonly sameCodes?: boolean;
  /** One threshold is calibrated to the target L0 even for variants that have a rule of their own (ReLU, JumpReLU). */
  readonly calibrate?: boolean;
}

/** A baseline whose options are not known statically: what registries hold. */
// biome-ignore lint/suspicious/noExplicitAny: a definition is used with the config that its own schema parsed
export type AnyBaseline = BaselineDefinition<z.ZodType<any>>;

/** Schema of a baseline without options. */
export const noOptions = z.strictObject({});

const { text, flag, callable, schema } = fieldKinds;
const names = z.array(text);

/** What each key of a definition has to be. */
const fields = {
  name: text,
  title: text,
  description: text,
  config: schema,
  drawn: flag,
  frozen: z
    .union([z.literal("all"), names, z.strictObject({ allBut: names })], "'all', a list of names or { allBut: a list }")
    .optional(),
  project: z.record(text, callable, "an object of functions by parameter").optional(),
  start: callable.optional(),
  width: callable.optional(),
  needs: z.literal("trained", "'trained' or left out").optional(),
  sameCodes: flag.optional(),
  calibrate: flag.optional(),
} satisfies Record<keyof BaselineDefinition, z.ZodType>;

/**
 * Checks a definition and gives its functions their types. The object is its own registration. Names of parameters are checked when it meets a variant.
 *
 * @throws SaeError `bad_name`, `bad_definition` for keys that there are not and for those that are missing or something else
 */
export function defineBaseline<Schema extends z.ZodType>(
  definition: BaselineDefinition<Schema>,
): BaselineDefinition<Schema> {
  checkDefinition("defineBaseline", definition, fields);
  if (!/^[a-z][a-z0-9_]*$/.test(definition.name)) {
    throw new SaeError(
      "bad_name",
      `defineBaseline: needed a name of lower-case letters, digits and _, got '${definition.name}'`,
    );
  }
  return definition;
}

/**
 * What a baseline with these options does to a training run: the `constraint` of `train`.
 *
 * @param options of the baseline; what has a default may be left out
 * @throws SaeError `bad_config` for options that the baseline's schema refuses
 */
export function constraintOf<Schema extends z.ZodType>(
  baseline: BaselineDefinition<Schema>,
  options: z.input<Schema> | Readonly<Record<string, never>> = {},
): Constraint {
  const parsed = baseline.config.safeParse(options);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join(".") || "value"}: ${message}`);
    throw new SaeError("bad_config", `options of baseline '${baseline.name}': ${issues.join("; ")}`);
  }
  const config = parsed.data;
  const { name, frozen, project = {}, start, width, needs, calibrate } = baseline;
  const projections = Object.entries(project).map(([parameter, apply]) => [
    parameter,
    (args: Omit<ProjectArguments<z.infer<Schema>>, "config">) => apply({ ...args, config }),
  ]);
  return {
    name,
    config: config as Readonly<Record<string, unknown>>,
    ...(frozen && { frozen }),
    ...(projections.length > 0 && { project: Object.fromEntries(projections) }),
    ...(start && { start: (args: StartArguments) => start({ ...args, config }) }),
    ...(width && { width: (sizes: SaeSizes) => width(sizes, config) }),
    ...(needs && { needs }),
    ...(calibrate && { calibrate }),
  };
}
