import { openActivations } from "@sae/core";
import { quantile } from "@sae/metrics";
import { norm } from "@sae/models";

/** Activations far longer than the others. */
export interface Sinks {
  /** How many, of the rows that were looked at. */
  readonly count: number;
  readonly rows: number;
  /** Σ ‖x − E[x]‖² over them as a share of that over all rows. */
  readonly varianceShare: number;
}

/** What is known of harvested activations. */
export interface ActivationMoments {
  /** [dModel] */
  readonly mean: Float32Array;
  readonly sinks: Sinks;
}

/** Norms of so many medians make a sink: tokens that attention rests on, such as a context's first line break (Sun et al. 2024, arXiv 2402.17762). */
const sinkMedians = 10;

const mostRows = 100_000;
const rowsAtOnce = 4096;

/** Mean of the first rows of a matrix, and how much of its variance few of them hold; in double precision. */
export async function activationMoments(path: string): Promise<ActivationMoments> {
  const file = await openActivations(path);
  try {
    const { dModel } = file;
    const rows = Math.min(mostRows, file.rows);
    const x = new Float32Array(Math.min(rows, rowsAtOnce) * dModel);
    const overRows = async (visit: (x: Float32Array, row: number) => void): Promise<void> => {
      for (let start = 0; start < rows; start += rowsAtOnce) {
        const count = Math.min(rowsAtOnce, rows - start);
        await file.readRange(start, count, x.subarray(0, count * dModel));
        for (let row = 0; row < count; row++) visit(x.subarray(row * dModel, (row + 1) * dModel), start + row);
      }
    };
    const sums = new Float64Array(dModel);
    const norms = new Float64Array(rows);
    await overRows((values, row) => {
      for (let i = 0; i < dModel; i++) sums[i] += values[i];
      norms[row] = norm(values);
    });
    const mean = Float32Array.from(sums, (sum) => sum / rows);
    const limit = sinkMedians * quantile(norms.toSorted(), 0.5);
    const count = norms.filter((one) => one > limit).length;
    if (count === 0) return { mean, sinks: { count, rows, varianceShare: 0 } };
    const variance = { ofSinks: 0, ofAll: 0 };
    await overRows((values, row) => {
      let distance = 0; // ‖x − E[x]‖²
      for (let i = 0; i < dModel; i++) distance += (values[i] - sums[i] / rows) ** 2;
      variance.ofAll += distance;
      if (norms[row] > limit) variance.ofSinks += distance;
    });
    return { mean, sinks: { count, rows, varianceShare: variance.ofSinks / variance.ofAll } };
  } finally {
    await file.close();
  }
}

/** Says that a few activations decide what explained variance is about; null where they hold less than a tenth of the variance. */
export function sinksText({ count, rows, varianceShare }: Sinks): string | null {
  if (varianceShare < 0.1) return null;
  const [some, much] = [count / rows, varianceShare].map((share) => `${Number((100 * share).toPrecision(2))} %`);
  return `${some} of the activations are longer than ${sinkMedians} median norms and hold ${much} of the variance (attention sinks): explained variance is mostly about them. --max-norm ${sinkMedians} leaves them out`;
}
