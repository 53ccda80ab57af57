/*
 * Which latents of a trained SAE are active on inputs, a batch at a time, under the inference rule on raw activations.
 *
 *   x [batch, dModel]     entries: the pairs of an input and a latent that is active on it
 */
import { type CompileOptions, cast, compile, float32, type TensorType, type Value } from "@sae/core";
import type { SaeParams } from "./defineSae.js";
import { checkActivation, inferenceCodes } from "./forward.js";
import { type Sae, weightShapes } from "./sae.js";

/** The active latents of a batch, entry by entry, in the order of the inputs. */
export interface ActiveLatents {
  /** Input of each entry [entries]. */
  readonly rows: Int32Array;
  readonly latents: Int32Array;
  /** Above 0. */
  readonly values: Float32Array;
}

/** A compiled encoder for batches of one size. */
export interface Encoder {
  /** Encodes a batch: x [batch, dModel]. */
  run(x: Float32Array): Promise<ActiveLatents>;
  /** Frees the session. */
  dispose(): Promise<void>;
}

/**
 * Compiles the encoder of an SAE under its inference rule, for raw activations [batch, dModel].
 *
 * @throws SaeError `bad_config` for a k above dSae
 */
export async function compileEncoder(sae: Sae, batch: number, options: CompileOptions = {}): Promise<Encoder> {
  checkActivation("compileEncoder", sae);
  const { dModel, dSae, activation, weights } = sae;
  const types = Object.fromEntries(Object.entries(weightShapes(sae)).map(([name, shape]) => [name, float32(...shape)]));
  const inputs: Record<string, TensorType> = { x: float32(batch, dModel), ...types };
  const program = await compile(
    inputs,
    ({ x, ...p }) => {
      const { values, pattern } = inferenceCodes(x, p as unknown as SaeParams, activation);
      // As float32, whose whole numbers are exact up to 2^24: int64 would come back as BigInts, one object for each.
      return {
        values,
        ...(pattern && { latents: cast(pattern.col, "float32") }),
        ...(pattern?.row && { rows: cast(pattern.row, "float32") }),
      };
    },
    { ...options, fixed: weights },
  );
  return {
    run: async (x) => activeLatents((await program.run({ x })) as CodeValues, batch, dSae),
    dispose: () => program.dispose(),
  };
}

/** Values [batch, dSae]; or [batch, k] beside their latents; or [entries] beside latents and rows. */
interface CodeValues {
  readonly values: Value;
  readonly latents?: Value;
  readonly rows?: Value;
}

function activeLatents({ values, latents, rows }: CodeValues, batch: number, dSae: number): ActiveLatents {
  const data = values.data as Float32Array;
  const columns = latents?.data as Float32Array | undefined;
  const inputs = rows?.data as Float32Array | undefined;
  const width = data.length / batch; // of an input, where all have as many entries
  const order = activeEntries(data, inputs);
  const active = {
    rows: new Int32Array(order.length),
    latents: new Int32Array(order.length),
    values: new Float32Array(order.length),
  };
  order.forEach((at, entry) => {
    active.rows[entry] = inputs ? inputs[at] : Math.floor(at / width);
    active.latents[entry] = columns ? columns[at] : at % dSae;
    active.values[entry] = data[at];
  });
  return active;
}

/** Entries above 0, in the order of their inputs. */
function activeEntries(values: Float32Array, inputs: Float32Array | undefined): number[] {
  const active: number[] = [];
  for (let at = 0; at < values.length; at++) if (values[at] > 0) active.push(at);
  // Every encoder here goes input by input; a variant's own need not.
  const isSorted = inputs === undefined || active.every((at, i) => i === 0 || inputs[at] >= inputs[active[i - 1]]);
  return isSorted ? active : active.sort((a, b) => inputs[a] - inputs[b]);
}
