export { areaUnderCurve } from "./areaUnderCurve.js";
export { chooseRegularisation, type Fold, regularisations, validationFolds } from "./chooseRegularisation.js";
export {
  commitsOf,
  type DatasetFile,
  datasetFiles,
  datasetHash,
  hubReference,
  openDatasetFiles,
} from "./datasetFiles.js";
export { fileDataset, fileQuery, isFileSpec } from "./datasets/fileDataset.js";
export { findProbingDatasets, probingDatasets } from "./datasets/probingDatasets.js";
export { type Design, denseDesign, sparseDesign } from "./design.js";
export { type DrawnClass, type DrawnTexts, drawTexts, type ProbingSizes, paperSizes } from "./drawTexts.js";
export { type LassoRegressionOptions, lassoRegression } from "./lassoRegression.js";
export { type LinearProbe, type LogisticRegressionOptions, logisticRegression } from "./logisticRegression.js";
export type { NewtonSystem } from "./newtonSolver.js";
export { type DatasetTasks, oneVsRest } from "./oneVsRest.js";
export { type PooledTexts, poolTexts, type TextRows, type TokenActivations } from "./poolTexts.js";
export {
  type DatasetSummary,
  type PreparedTasks,
  type ProbingTokenizer,
  prepareTasks,
  probingContexts,
  type TaskMaterial,
} from "./prepareTasks.js";
export { type CurveProbe, probeCurve, probeCurveFull, probeFull, probeTop, type TopProbe } from "./probes.js";
export { type ProbeChoice, probeTask, type TaskResult, withoutTooLarge } from "./probeTask.js";
export {
  type ConceptFamily,
  defineProbingDataset,
  type LabelledText,
  type ProbingClass,
  type ProbingDataset,
} from "./probingDataset.js";
export { probingScoreId, probingScores } from "./probingScores.js";
export type { LabelledRows, ProbingTask } from "./probingTask.js";
export { labelledTextsIn, type ReadLimits, readLabelledTexts } from "./readLabelledTexts.js";
export { type Ranking, selectLatents } from "./selectLatents.js";
export { buildSparseRows, denseColumns, type SparseRows, type SparseRowsBuilder, sparseRowsOf } from "./sparseRows.js";
export { type Cell, classOfFile, isTextFile, type Row, type TableSource } from "./tableSource.js";
export { channelEncoder, type TokenCodes, type TokenEncoder } from "./tokenEncoder.js";
