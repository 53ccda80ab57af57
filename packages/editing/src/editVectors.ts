import { type CompileOptions, compile, float32, type Tensor, type TensorType } from "@sae/core";
import { denseFeatures, type EntityFeatures, weightInputs } from "./entityFeatures.js";
import type { Featurizer } from "./featurizer.js";
import { mixFeatures } from "./mixFeatures.js";
import type { EditPair } from "./pairs.js";
import { type PromptActivations, readActivations } from "./promptActivations.js";

/** Base and source of an edit. */
export type EditedPrompts = Pick<EditPair, "base" | "source">;

/** Makes what stands at the entity of each base prompt after an edit. */
export interface EditVectors {
  /** [pairs, dModel] with the features of the mask w [dLatent] taken from the source. */
  of(pairs: readonly EditedPrompts[], w: Float32Array): Promise<Float32Array>;
  /** Frees the programs. */
  dispose(): Promise<void>;
}

const rowsAtOnce = 64;

/**
 * Compiles edits with a fixed featurizer.
 *
 * @param features the featurizer's features of all prompts
 */
export async function compileEditVectors(
  activations: PromptActivations,
  featurizer: Featurizer,
  features: EntityFeatures,
  { keepError = false, ...options }: CompileOptions & { readonly keepError?: boolean } = {},
): Promise<EditVectors> {
  const { dModel, dLatent } = featurizer;
  const weights = weightInputs(featurizer);
  const reader = readActivations(activations);
  const types: Record<string, TensorType> = {
    fBase: float32("rows", dLatent),
    fSource: float32("rows", dLatent),
    w: float32(dLatent),
    ...(keepError && { xBase: float32("rows", dModel) }),
  };
  const program = await compile(
    { ...types, ...weights.types },
    (args: Readonly<Record<string, Tensor>>) => {
      const {
        fBase,
        fSource,
        w,
        xBase = null,
      } = args as Record<"fBase" | "fSource" | "w", Tensor> & { xBase?: Tensor };
      return { z: mixFeatures(featurizer, { fBase, fSource, w, xBase }, weights.of(args)) }; // [rows, dModel]
    },
    { ...options, fixed: weights.feeds },
  );
  return {
    of: async (pairs, w) => {
      const out = new Float32Array(pairs.length * dModel);
      for (let at = 0; at < pairs.length; at += rowsAtOnce) {
        const chunk = pairs.slice(at, at + rowsAtOnce);
        const bases = chunk.map(({ base }) => base);
        const rows = (data: Float32Array) => ({ data, shape: [chunk.length, data.length / chunk.length] });
        const { z } = await program.run({
          w,
          fBase: rows(denseFeatures(features, bases)),
          fSource: rows(
            denseFeatures(
              features,
              chunk.map(({ source }) => source),
            ),
          ),
          ...(keepError && { xBase: rows(reader.atEntity(bases)) }),
        });
        out.set(z.data as Float32Array, at * dModel);
      }
      return out;
    },
    dispose: program.dispose,
  };
}
