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
