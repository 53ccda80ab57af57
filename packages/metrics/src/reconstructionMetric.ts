// Shape legend: x, xHat [N, dModel], N tokens (or samples) of one batch.
import { nothingMeasured, pairedRowCount, type Rows } from "./rows.js";

/** Takes in one batch after another and tells the metric over all of them. */
export interface ReconstructionAccumulator {
  /**
   * @param x - inputs [N, dModel]
   * @param xHat - reconstructions [N, dModel]
   * @throws SaeError `shape_mismatch` when the sizes disagree
   */
  add(x: Rows, xHat: Rows): void;
  /** @throws SaeError `nothing_measured` when no row was added */
  value(): number;
}

/** One way of judging reconstructions, under one name. */
export interface ReconstructionMetric {
  /** Key in every output; two definitions never share one. */
  readonly name: string;
  /** Formula in plain text; e = x − x̂. */
  readonly formula: string;
  /** Who defined or uses it. */
  readonly source: string;
  /** Value of a perfect reconstruction x̂ = x of inputs that vary. */
  readonly perfect: number;
  /** An accumulator for rows of `dModel` values. */
  start(dModel: number): ReconstructionAccumulator;
  /** The metric of one batch: `start`, `add`, `value`. */
  of(x: Rows, xHat: Rows, dModel: number): number;
}

/** What {@link defineReconstructionMetric} needs: a metric without the parts that follow from the rest. */
export interface ReconstructionMetricDefinition {
  readonly name: string;
  readonly formula: string;
  readonly source: string;
  readonly perfect: number;
  /** Accumulates; sizes are checked and empty batches dropped before `add`, and `value` is asked only after a row was added. */
  readonly accumulate: (dModel: number) => {
    add(x: Rows, xHat: Rows, rows: number): void;
    value(): number;
  };
}

/** Completes a definition with size checks, the refusal of empty samples, and the one-batch form. */
export function defineReconstructionMetric(definition: ReconstructionMetricDefinition): ReconstructionMetric {
  const { name, formula, source, perfect, accumulate } = definition;
  const start = (dModel: number): ReconstructionAccumulator => {
    const inner = accumulate(dModel);
    let seen = 0;
    return {
      add(x, xHat) {
        const rows = pairedRowCount(name, x, xHat, dModel);
        if (rows === 0) return;
        seen += rows;
        inner.add(x, xHat, rows);
      },
      value() {
        if (seen === 0) throw nothingMeasured(name, "row");
        return inner.value();
      },
    };
  };
  const of = (x: Rows, xHat: Rows, dModel: number): number => {
    const accumulator = start(dModel);
    accumulator.add(x, xHat);
    return accumulator.value();
  };
  return { name, formula, source, perfect, start, of };
}

/**
 * The unweighted mean over batches of a per-batch value: how several tool chains aggregate, and the reason their numbers
 * depend on the batch size.
 */
export function meanOverBatches(
  ofBatch: (x: Rows, xHat: Rows, rows: number) => number,
): ReturnType<ReconstructionMetricDefinition["accumulate"]> {
  let batches = 0;
  let sum = 0;
  return {
    add(x, xHat, rows) {
      batches += 1;
      sum += ofBatch(x, xHat, rows);
    },
    value: () => sum / batches,
  };
}
