import type { BaselinesOptions } from "./baselinesPlan.js";

/**
 * The target L0 of tables and bars that show one: the middle one, as the paper's 160 is, of those that every architecture has; the middle one of all
 * if there is none.
 */
export function mainTarget({
  l0s,
  l0sOf = {},
  variants,
}: Pick<BaselinesOptions, "l0s" | "l0sOf" | "variants">): number {
  const sorted = [...l0s].sort((a, b) => a - b);
  const common = sorted.filter((l0) => variants.every((variant) => (l0sOf[variant] ?? l0s).includes(l0)));
  const from = common.length > 0 ? common : sorted;
  return from[Math.floor((from.length - 1) / 2)];
}

/** The architecture of figures that show one: the paper's main one, or the first there is. */
export const mainArchitecture = (variants: readonly string[]): string | undefined =>
  variants.find((name) => name === "batchtopk") ?? variants[0];
