import { type Cost, costOf, processBytes } from "../../costs/cost.js";
import type { SaeSizes, SiteSizes } from "../siteSizes.js";

/** What the cost of probing depends on besides the site. */
export interface ProbingSizes {
  /** Classes of all data sets, each of which is a task. */
  readonly classes: number;
  /** Texts of a class to train on and to test on; and tokens of a text, at most. */
  readonly train: number;
  readonly test: number;
  readonly tokens: number;
}

const bytesOf = { float16: 2, float32: 4 };
/** Beside each row stand its token, its position and its context. */
const placeBytes = 12;
/** Tensors of a block that are in memory at once, as multiples of the stream; and texts that are read at once. */
const blockTensors = 16;
const textsAtOnce = 8;
/** Conjugate gradients of all steps of Newton's method until a probe of all latents has converged. */
const fullProducts = 150;
/** Those that the probes of a few latents take, with the lasso's path. */
const smallOps = 2000;

const textsOf = ({ classes, train, test }: ProbingSizes): number => classes * (train + test);

/** Cost of the activations of all texts: every token of each as long as it may be. */
export function probingTextsCost(
  { dtype }: { readonly dtype: keyof typeof bytesOf },
  sizes: SiteSizes & ProbingSizes,
): Cost {
  const { dModel, prefix, tokens } = sizes;
  const rows = textsOf(sizes) * tokens;
  return costOf({
    flops: rows * prefix.flopsPerToken,
    scalarOps: rows * dModel * 4,
    feedBytes: prefix.weightBytes + Math.ceil(textsOf(sizes) / textsAtOnce) * prefix.fedBytes,
    resultBytes: rows * dModel * 4,
    memoryBytes: processBytes + prefix.weightBytes + blockTensors * 4 * textsAtOnce * tokens * dModel,
    diskBytes: rows * (dModel * bytesOf[dtype] + placeBytes),
    allCores: true,
  });
}

type Probes = { readonly ks: readonly number[]; readonly full: boolean; readonly aucKs: readonly number[] };

/** Training of probes on texts of which each has so many features that are not zero. */
function probesCost({ ks, full, aucKs }: Probes, features: number, { classes, train }: ProbingSizes): Cost {
  const texts = 2 * train;
  const products = full ? fullProducts * 2 * texts * features : 0;
  return costOf({ scalarOps: classes * (products + (ks.length + aucKs.length) * smallOps * texts + texts * features) });
}

/** Cost of probing an SAE: its codes of every token, then the probes of every task. */
export function probingCost(config: Probes, sizes: SaeSizes & ProbingSizes): Cost {
  const { dModel, dSae, l0, tokens } = sizes;
  const rows = textsOf(sizes) * tokens;
  // Tokens of a text share about half of their latents.
  const features = Math.min(dSae, (tokens * l0) / 2);
  const probes = probesCost(config, features, sizes);
  return costOf({
    flops: rows * 2 * dModel * dSae,
    passBytes: rows * 8 * dSae,
    scalarOps: probes.scalarOps + rows * (dModel + 10 * l0),
    feedBytes: rows * 4 * dModel + 4 * dModel * dSae,
    resultBytes: rows * 12 * l0,
    memoryBytes: processBytes + 2 * 4 * dModel * dSae + 12 * textsOf(sizes) * features,
  });
}

/** Cost of the same probes on the channels of the stream. */
export function probingChannelsCost(config: Probes, sizes: SiteSizes & ProbingSizes): Cost {
  const { dModel, tokens } = sizes;
  const { scalarOps } = probesCost(config, dModel, sizes);
  return costOf({
    scalarOps: scalarOps + textsOf(sizes) * tokens * dModel * 4,
    memoryBytes: processBytes + 12 * textsOf(sizes) * dModel,
  });
}
