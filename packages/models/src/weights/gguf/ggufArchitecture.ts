import type { GgufFacts } from "./ggufFacts.js";

/** What becomes of a tensor of a file. */
export interface GgufTarget {
  /** Name in a Hugging Face checkpoint without `.weight` or `.bias`. `#` is the number of the layer. */
  readonly to: string;
  /** Row of the tensor that belongs at a row of the weight; also of a bias. */
  readonly row?: (row: number) => number;
  /** The weight [out, in] becomes [in, out]; a bias stays. */
  readonly transposed?: true;
  /** Added to each element of the weight. */
  readonly plus?: number;
}

/** How files of one `general.architecture` say what a Hugging Face checkpoint says. */
export interface GgufArchitecture {
  /** `general.architecture` */
  readonly name: string;
  /** What config.json would say. */
  readonly config: (facts: GgufFacts) => Record<string, unknown>;
  /** Targets by tensor name without `.weight` or `.bias`; `#` is the number of the layer. */
  readonly tensors: (facts: GgufFacts) => Readonly<Record<string, string | GgufTarget>>;
}
