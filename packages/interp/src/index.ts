export type {
  Explainer,
  Explanation,
  Judge,
  JudgedSequence,
  LatentExamples,
  Sequence,
} from "./explainer.js";
