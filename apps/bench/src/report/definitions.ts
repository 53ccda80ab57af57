/** Definitions that several tables share, a sentence each. */
export const definitions = {
  dead: "Share of the latents that were active on none of the samples.",
  dense: "Share of the latents that were active on more than a tenth of the samples.",
} as const;
