import { SaeError } from "@sae/core";
import type { AnyFamily } from "./defineFamily.js";
import { familyOf } from "./families/families.js";
import type { LanguageModel } from "./languageModel.js";
import type { Tokenizer } from "./tokenizers/tokenizer.js";
import type { WeightSource } from "./weights/weightSource.js";

/** What a language model is made of. */
export interface LoadedModelOptions {
  /** How it was asked for. */
  readonly name: string;
  /** Closed with the model. */
  readonly source: WeightSource;
  readonly tokenizer: Tokenizer | null;
  /** What identifies the weights, for job configs. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** When left out, {@link familyOf} the source's config. */
  readonly family?: AnyFamily;
}

/** [8, 4] */
const shown = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** Where each weight of the family is in the checkpoint. */
function storedNames(
  { basePrefix, aliases, weights }: AnyFamily,
  config: unknown,
  { shapes, path }: WeightSource,
): Map<string, string> {
  const wanted: Readonly<Record<string, readonly number[]>> = weights(config);
  const others = aliases?.(config) ?? {};
  const problems: string[] = [];
  const names = new Map<string, string>();
  for (const [name, shape] of Object.entries(wanted)) {
    const short = name.startsWith(basePrefix) ? name.slice(basePrefix.length) : name;
    const stored = [name, short, ...(others[name] ?? [])].find((candidate) => Object.hasOwn(shapes, candidate));
    if (stored === undefined) problems.push(`'${name}' ${shown(shape)} is missing`);
    else if (shapes[stored].join() !== shape.join())
      problems.push(`'${stored}' needed ${shown(shape)}, got ${shown(shapes[stored])}`);
    else names.set(name, stored);
  }
  if (problems.length === 0) return names;
  const more = problems.length > 5 ? ` and ${problems.length - 5} more` : "";
  throw new SaeError(
    "weights_mismatch",
    `${path}: the weights are not those of its config: ${problems.slice(0, 5).join("; ")}${more}; check that config and weights belong together`,
  );
}

/**
 * A language model from a checkpoint: its config parsed, the name and shape of every weight checked. Weights are read when a program first
 * needs them, and each once.
 *
 * @throws SaeError `unknown_family`, `bad_config`, `unsupported_config`, `weights_mismatch`
 */
export function loadedModel({ name, source, tokenizer, identity, ...options }: LoadedModelOptions): LanguageModel {
  const family = options.family ?? familyOf(source.config);
  const config: unknown = family.config.parse(source.config);
  const names = storedNames(family, config, source);
  const kept = new Map<string, Promise<Float32Array>>();
  let closed = false;
  return {
    name,
    family,
    config,
    sizes: family.sizes(config),
    tokenizer,
    identity,
    weight: async (wanted) => {
      const stored = names.get(wanted);
      if (stored === undefined) {
        throw new SaeError(
          "tensor_not_found",
          `${name}: needed a weight of the family ${family.name}, got '${wanted}'`,
        );
      }
      if (closed) throw new SaeError("closed", `${name}: weight '${wanted}' was asked for after close`);
      const known = kept.get(wanted);
      if (known) return known;
      const reading = source.read(stored);
      kept.set(wanted, reading);
      // A failed read is tried again the next time.
      reading.catch(() => kept.delete(wanted));
      return reading;
    },
    close: async () => {
      closed = true;
      kept.clear();
      await source.close();
    },
  };
}
