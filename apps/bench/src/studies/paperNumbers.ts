/** What arXiv 2602.14111 reports of case study 1 (section 3, appendix B); what it leaves out is missing here. */
export interface PaperNumbers {
  readonly explainedVariance?: number;
  /** Features recovered (cosine above 0.8) of 3200, in its words. */
  readonly recovered?: string;
}

/** By setting and architecture. */
export const paperNumbers: Readonly<Record<string, Readonly<Record<string, PaperNumbers>>>> = {
  constant: {
    topk: { recovered: "99.9 %" },
    batchtopk: { explainedVariance: 0.67, recovered: "3 (0.09 %)" },
    jumprelu: { explainedVariance: 0.67, recovered: "3 (0.09 %)" },
    matryoshka: { recovered: "0.03 %" },
  },
  variable: {
    topk: { recovered: "about 43 %" },
    batchtopk: { explainedVariance: 0.71, recovered: "297 (9 %)" },
    jumprelu: { explainedVariance: 0.71, recovered: "225 (7 %)" },
  },
};

/** What the paper reports of case study 2 (tables 2 to 4, L0 160) at one place of one model. */
export interface PaperSite {
  readonly name: string;
  /**
   * By architecture: of the columns fully trained, frozen decoder iso and cov, soft-frozen decoder iso, frozen encoder iso and cov, each time explained
   * variance, probing top-1, top-5 and RAVEL.
   */
  readonly scores: Readonly<Record<string, readonly (readonly number[])[]>>;
}

/** Tables 2 to 4. */
export const paperSites: readonly PaperSite[] = [
  {
    name: "Gemma-2-2B, layer 12",
    scores: {
      batchtopk: [
        [0.852, 0.721, 0.849, 0.72],
        [0.43, 0.669, 0.768, 0.562],
        [0.57, 0.692, 0.797, 0.554],
        [0.785, 0.659, 0.723, 0.728],
        [0.475, 0.638, 0.731, 0.641],
        [0.112, 0.609, 0.682, 0.4],
      ],
      jumprelu: [
        [0.852, 0.704, 0.843, 0.722],
        [0.457, 0.702, 0.771, 0.591],
        [0.578, 0.694, 0.79, 0.551],
        [0.789, 0.672, 0.735, 0.739],
        [0.609, 0.635, 0.747, 0.623],
        [-0.017, 0.652, 0.72, 0.423],
      ],
    },
  },
  {
    name: "Gemma-2-2B, layer 19",
    scores: {
      batchtopk: [
        [0.887, 0.806, 0.9, 0.512],
        [0.404, 0.709, 0.829, 0.492],
        [0.555, 0.73, 0.818, 0.493],
        [0.812, 0.758, 0.823, 0.509],
        [0.562, 0.722, 0.812, 0.492],
        [0.523, 0.638, 0.791, 0.491],
      ],
      jumprelu: [
        [0.887, 0.813, 0.9, 0.511],
        [0.432, 0.727, 0.824, 0.493],
        [0.543, 0.727, 0.825, 0.493],
        [0.816, 0.736, 0.858, 0.509],
        [0.59, 0.701, 0.795, 0.494],
        [0.512, 0.65, 0.737, 0.492],
      ],
    },
  },
  {
    name: "Llama-3.1-8B, layer 16",
    scores: {
      batchtopk: [
        [0.805, 0.766, 0.874, 0.533],
        [0.268, 0.709, 0.779, 0.486],
        [0.426, 0.689, 0.771, 0.491],
        [0.699, 0.752, 0.848, 0.519],
        [0.424, 0.713, 0.798, 0.492],
        [0.408, 0.681, 0.763, 0.482],
      ],
      jumprelu: [
        [0.805, 0.798, 0.882, 0.527],
        [0.291, 0.685, 0.771, 0.485],
        [0, 0.5, 0.5, 0.485],
        // biome-ignore lint/suspicious/noApproximativeNumericConstant: the paper's .707, not √½
        [0.707, 0.768, 0.842, 0.521],
        [0.473, 0.682, 0.766, 0.498],
        [0.414, 0.62, 0.751, 0.489],
      ],
    },
  },
];
