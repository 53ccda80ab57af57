import { capBound, formatPowerOfTen } from "@sae/metrics";
import { groupThousands } from "../figures/numberText.js";
import { tau } from "./driftFigure.js";

/** The bound of the paper's appendix D in a sentence. */
export function capBoundText({ dModel, dSae }: { readonly dModel: number; readonly dSae: number }): string {
  const { log10 } = capBound({ dModel, caps: dSae, tau });
  return `A given direction lies within a cosine of ${tau} of any of ${groupThousands(dSae)} random rows with probability at most m·exp(−nτ²/2) = ${formatPowerOfTen(log10)} (n = ${dModel}).`;
}
