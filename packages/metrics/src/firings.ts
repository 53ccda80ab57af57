// Shape legend: f [N, dSae] latent activations of one batch of N inputs.
import { SaeError } from "@sae/core";
import { nothingMeasured, type Rows, rowCount } from "./rows.js";

/** How often each latent fired on a sample of inputs. A latent fires on an input when its activation is > 0. */
export interface Firings {
  /** Number of inputs. */
  readonly samples: number;
  /** Inputs on which each latent fired [dSae]. */
  readonly counts: Float64Array;
}

/** Counts firings over batches. */
export interface FiringCounter {
  /** Takes in dense activations `f` [N, dSae]. */
  add(f: Rows): void;
  /**
   * Takes in sparse codes of `samples` inputs: `values[i]` belongs to latent `indices[i]`; which input it came from does not
   * matter. An input's latents must be distinct. Values ≤ 0 are no firings.
   */
  addSparse(values: Rows, indices: ArrayLike<number>, samples: number): void;
  /** @throws SaeError `nothing_measured` before the first input */
  read(): Firings;
}

/** Starts counting the firings of `dSae` latents. */
export function countFirings(dSae: number): FiringCounter {
  const counts = new Float64Array(dSae);
  let samples = 0;
  return {
    add(f) {
      const rows = rowCount("countFirings", f, dSae);
      samples += rows;
      for (let row = 0, at = 0; row < rows; row++) {
        for (let latent = 0; latent < dSae; latent++, at++) if (f[at] > 0) counts[latent] += 1;
      }
    },
    addSparse(values, indices, rows) {
      if (values.length !== indices.length) {
        throw new SaeError(
          "shape_mismatch",
          `countFirings: needed one index for each value, got ${values.length} values and ${indices.length} indices`,
        );
      }
      for (let i = 0; i < values.length; i++) {
        const latent = indices[i];
        if (!(latent >= 0 && latent < dSae)) {
          throw new SaeError("index_out_of_range", `countFirings: needed a latent index below ${dSae}, got ${latent}`);
        }
        if (values[i] > 0) counts[latent] += 1;
      }
      samples += rows;
    },
    read() {
      if (samples === 0) throw nothingMeasured("countFirings", "input");
      return { samples, counts: counts.slice() };
    },
  };
}
