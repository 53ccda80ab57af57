import { type Cost, costOf, processBytes } from "../../costs/cost.js";
import type { SaeSizes } from "../siteSizes.js";

/** Activations are encoded so many at a time. */
const rowsAtOnce = 2048;
/** Over the activations that are read: latents are counted, then their sequences are collected. */
const passes = 2;
/** For each row and pass in plain JavaScript: places, tokens, sequences, and what is later said of them. */
const opsPerRow = 50_000;
/** Of a description and its verdicts: one question for it, one for the verdicts, one for those with another's description. */
const questions = 3;

/** Cost of AutoInterp on one SAE, but for the time that a language model takes to answer; null where nobody knows how many rows there are. */
export function autointerpCost(
  {
    explainer,
    collect,
  }: {
    readonly explainer: string;
    readonly collect: { readonly latents: number; readonly tokens?: number | undefined };
  },
  { rows: harvested, dModel, dSae, l0 }: SaeSizes,
): Cost | null {
  if (harvested === undefined) return null;
  const rows = Math.min(harvested, collect.tokens ?? harvested);
  return costOf({
    flops: passes * rows * 2 * dModel * dSae,
    passBytes: passes * rows * 2 * 4 * dSae,
    scalarOps: passes * rows * opsPerRow,
    feedBytes: passes * rows * 4 * dModel + 4 * dModel * dSae,
    resultBytes: passes * rows * 12 * l0,
    memoryBytes: processBytes + 2 * 4 * dModel * dSae + rowsAtOnce * 4 * (dModel + dSae),
    requests: explainer === "llm" ? questions * collect.latents : 0,
  });
}
