import type { CompileOptions, Density } from "@sae/core";

/** Codes are listed when fewer than one latent in 40 is active, and laid out densely when more are. */
export const densityFor = (l0: number, dSae: number): Density => (l0 * 40 < dSae ? "sparse" : "dense");

/**
 * onnxruntime's arena keeps freed blocks and grows by doubling: with dense [batch, dSae] tensors that is half of a training process's memory, so those
 * programs do without it, for about a fifth of their speed.
 */
export const programOptions = (density: Density, options: CompileOptions = {}): CompileOptions =>
  density === "dense"
    ? { ...options, sessionOptions: { enableCpuMemArena: false, ...options.sessionOptions } }
    : options;
