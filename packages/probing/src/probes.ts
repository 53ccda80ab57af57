// Shape legend: features [texts, latents], k latents are chosen; scores [test texts].
import { SaeError } from "@sae/core";
import { areaUnderCurve } from "./areaUnderCurve.js";
import { chooseRegularisation } from "./chooseRegularisation.js";
import { type Design, denseDesign, sparseDesign } from "./design.js";
import { lassoRegression } from "./lassoRegression.js";
import { type LinearProbe, logisticRegression } from "./logisticRegression.js";
import type { LabelledRows, ProbingTask } from "./probingTask.js";
import { selectLatents } from "./selectLatents.js";
import { denseColumns, type SparseRows } from "./sparseRows.js";

/** What a probe on k latents scores. */
export interface TopProbe {
  /** The latents, best first. */
  readonly latents: readonly number[];
  /** Share of the test texts that it answers rightly; 0.5 is chance. */
  readonly accuracy: number;
}

/** What a probe whose C was chosen scores. */
export interface CurveProbe {
  /** The latents, best first; empty when all are used. */
  readonly latents: readonly number[];
  /** Area under the ROC curve on the test texts; 0.5 is chance. */
  readonly auc: number;
  /** The C that was chosen on training texts. */
  readonly C: number;
}

/**
 * Sparse probing as in SAEBench: logistic regression (L2, C = 1, unscaled) on the k latents whose means over positive and negative training texts differ
 * most.
 *
 * @param features - one row a text, by the numbers that the task uses
 * @throws SaeError `too_few_latents`, and those of {@link logisticRegression}
 */
export function probeTop(features: SparseRows, { train, test }: ProbingTask, k: number): TopProbe {
  const latents = selectLatents(features, train, k);
  const on = (side: LabelledRows) => denseDesign(denseColumns(features, side.rows, latents), side.rows.length, k);
  const probe = logisticRegression(on(train), train.labels);
  return { latents: [...latents], accuracy: accuracy(probe, on(test), test.labels) };
}

/** The same on all latents at once. Nothing is chosen by the test texts. */
export function probeFull(features: SparseRows, { train, test }: ProbingTask): number {
  const probe = logisticRegression(sparseDesign(features, train.rows), train.labels);
  return accuracy(probe, sparseDesign(features, test.rows), test.labels);
}

/** SAE-Probes trains on so many texts. */
const mostTrained = 1024;

/**
 * Sparse probing as in SAE-Probes (arXiv 2502.16681), standard regime: up to 1024 training texts; latents ranked by the difference of their means after
 * each was divided by the mean of its non-zero values; logistic regression with an L1 penalty whose C is chosen on training texts, see
 * `chooseRegularisation`; AUC on the test texts. There the features are those of the last token.
 *
 * @throws SaeError as {@link probeTop}
 */
export function probeCurve(features: SparseRows, { train: all, test }: ProbingTask, k: number): CurveProbe {
  const train = balancedStart(all, mostTrained);
  const latents = selectLatents(features, train, k, "scaled-difference");
  const x = denseColumns(features, train.rows, latents); // [texts, k]
  const { labels } = train;
  const fit = (places: readonly number[], C: number): LinearProbe =>
    lassoRegression(
      rowsOf(x, k, places),
      k,
      places.map((i) => labels[i]),
      { C },
    );
  const C = chooseRegularisation(labels, (fold, candidate) =>
    scoresOf(fit(fold.fit, candidate), denseDesign(rowsOf(x, k, fold.validate), fold.validate.length, k)),
  );
  const probe = fit([...labels.keys()], C);
  const onTest = denseDesign(denseColumns(features, test.rows, latents), test.rows.length, k);
  return { latents: [...latents], auc: areaUnderCurve(scoresOf(probe, onTest), test.labels), C };
}

/** The baseline of SAE-Probes: all channels, with an L2 penalty. */
export function probeCurveFull(features: SparseRows, { train: all, test }: ProbingTask): CurveProbe {
  const train = balancedStart(all, mostTrained);
  const rowsAt = (places: readonly number[]) => places.map((i) => train.rows[i]);
  const fit = (places: readonly number[], C: number): LinearProbe =>
    logisticRegression(
      sparseDesign(features, rowsAt(places)),
      places.map((i) => train.labels[i]),
      { C },
    );
  const C = chooseRegularisation(train.labels, (fold, candidate) =>
    scoresOf(fit(fold.fit, candidate), sparseDesign(features, rowsAt(fold.validate))),
  );
  const probe = fit([...train.labels.keys()], C);
  return { latents: [], auc: areaUnderCurve(scoresOf(probe, sparseDesign(features, test.rows)), test.labels), C };
}

/** w·x + b of each text. */
function scoresOf({ weights, intercept }: LinearProbe, x: Design): Float64Array {
  const scores = new Float64Array(x.rows);
  x.times(weights, scores);
  return scores.map((score) => score + intercept);
}

function accuracy(probe: LinearProbe, x: Design, labels: Uint8Array): number {
  if (labels.length === 0) throw new SaeError("nothing_measured", "probe: needed at least one test text, got none");
  const scores = scoresOf(probe, x);
  return labels.reduce((right, label, i) => right + Number(scores[i] > 0 === (label === 1)), 0) / labels.length;
}

/** The first positives and the first negatives, half of each, in their order. */
function balancedStart({ rows, labels }: LabelledRows, most: number): LabelledRows {
  const left = [Math.floor(most / 2), Math.floor(most / 2)];
  const kept = [...rows.keys()].filter((i) => left[labels[i]]-- > 0);
  return { rows: Int32Array.from(kept, (i) => rows[i]), labels: Uint8Array.from(kept, (i) => labels[i]) };
}

function rowsOf(x: Float64Array, k: number, places: readonly number[]): Float64Array {
  const out = new Float64Array(places.length * k);
  for (const [i, place] of places.entries()) out.set(x.subarray(place * k, (place + 1) * k), i * k);
  return out;
}
