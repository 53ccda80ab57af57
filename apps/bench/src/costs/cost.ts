/** What a job takes, estimated before it runs. docs/costs.md has the formulas. */
export interface Cost {
  /** Floating-point operations of matrix products, dense and sparse: two for each multiplication with its addition. */
  readonly flops: number;
  /** Bytes that pass through memory beside the products: the optimiser, selections, gathered rows. */
  readonly passBytes: number;
  /** Arithmetic in plain JavaScript: samples, metrics, regressions. */
  readonly scalarOps: number;
  /** Bytes handed to programs of onnxruntime, which a GPU has to fetch: inputs of every run, and once what programs keep. */
  readonly feedBytes: number;
  /** Bytes that programs hand back, in new memory. */
  readonly resultBytes: number;
  /** Largest memory of its process. */
  readonly memoryBytes: number;
  /** What is added to that where every program keeps a copy of the weights: on a GPU. */
  readonly copyBytes: number;
  /** What it leaves on the disk. */
  readonly diskBytes: number;
  /** What it keeps there only while it runs. */
  readonly scratchBytes: number;
  /** Requests to a language model behind an API. */
  readonly requests: number;
  /** Whether its products use all cores; otherwise it is one of several jobs, with a core each. */
  readonly allCores: boolean;
}

const nothing: Cost = {
  flops: 0,
  passBytes: 0,
  scalarOps: 0,
  feedBytes: 0,
  resultBytes: 0,
  memoryBytes: 0,
  copyBytes: 0,
  diskBytes: 0,
  scratchBytes: 0,
  requests: 0,
  allCores: false,
};

/** A cost of which only some parts are not zero. */
export const costOf = (parts: Partial<Cost>): Cost => ({ ...nothing, ...parts });

/** Parts of one job, one after the other in one process: memory is that of the largest. */
export const inTurn = (...costs: readonly Partial<Cost>[]): Cost =>
  costs.map(costOf).reduce(
    (total, cost) => ({
      flops: total.flops + cost.flops,
      passBytes: total.passBytes + cost.passBytes,
      scalarOps: total.scalarOps + cost.scalarOps,
      feedBytes: total.feedBytes + cost.feedBytes,
      resultBytes: total.resultBytes + cost.resultBytes,
      memoryBytes: Math.max(total.memoryBytes, cost.memoryBytes),
      copyBytes: Math.max(total.copyBytes, cost.copyBytes),
      diskBytes: total.diskBytes + cost.diskBytes,
      scratchBytes: Math.max(total.scratchBytes, cost.scratchBytes),
      requests: total.requests + cost.requests,
      allCores: total.allCores || cost.allCores,
    }),
    nothing,
  );

/** A process of Node with onnxruntime before it does anything. */
export const processBytes = 150e6;
