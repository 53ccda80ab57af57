import { SaeError } from "@sae/core";
import { z } from "zod";

/** A whole number above zero: a size, a count. */
export const count = z.number().int().positive();

/** The ε of a norm. */
export const epsilon = z.number().nonnegative();

/** What no family here can do, refused in every config that asks for it. */
const common = z.object({
  quantization_config: z.null().optional(),
});

/** The error for a config that asks for something that a family cannot do. */
export const unsupported = (family: string, asked: string, known: string): SaeError =>
  new SaeError(
    "unsupported_config",
    `${family} config: needed ${known}, got ${asked}; this checkpoint cannot be run here`,
  );

/** Reads a config.json: what the `config` of a family is. */
export interface ConfigReader<Config> {
  /** @throws SaeError `bad_config`, `unsupported_config` */
  parse(value: unknown): Config;
}

/**
 * Makes the `config` of a family: checks a Hugging Face config.json against a schema and turns its snake_case fields into the family's own.
 *
 * @param family `model_type`, for messages
 * @param fields what the family reads; fields that it does not know are left alone (there are many that only matter in training)
 * @param convert the family's config; throws {@link unsupported} for what cannot be done
 * @throws SaeError `bad_config`, `unsupported_config`
 */
export function configReader<Shape extends z.ZodRawShape, Config>(
  family: string,
  fields: Shape,
  convert: (config: z.output<z.ZodObject<Shape>>) => Config,
): ConfigReader<Config> {
  const schema = z.object(fields);
  return {
    parse: (value) => {
      const quantized = !common.safeParse(value).success && typeof value === "object" && value !== null;
      if (quantized) throw unsupported(family, "quantization_config", "weights that are not quantised");
      const result = schema.safeParse(value);
      if (!result.success) {
        const issues = result.error.issues.map(({ path, message }) => `${path.join(".") || "config"}: ${message}`);
        throw new SaeError("bad_config", `${family} config: ${issues.join("; ")}`);
      }
      return convert(result.data);
    },
  };
}
