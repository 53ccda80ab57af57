import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { decodeFloat16, encodeFloat16, writeFileAtomic, writeSafetensors } from "@sae/core";
import type { AnyFamily, WeightArrays } from "@sae/models";

/** Weights as float16 holds them. */
export const roundedToFloat16 = (weights: WeightArrays): WeightArrays =>
  Object.fromEntries(Object.entries(weights).map(([name, data]) => [name, decodeFloat16(encodeFloat16(data))]));

/** Writes config.json, model.safetensors (float16) and the tokenizer's files in the layout of Hugging Face. */
export async function exportModel(
  folder: string,
  {
    family,
    config,
    file,
    weights,
    tokenizerFolder,
  }: {
    readonly family: AnyFamily;
    readonly config: unknown;
    /** Content of config.json. */
    readonly file: Readonly<Record<string, unknown>>;
    readonly weights: WeightArrays;
    /** Where tokenizer.json and tokenizer_config.json are. */
    readonly tokenizerFolder: string;
  },
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const tensors = Object.entries(family.weights(config)).map(([name, shape]) => [
    name,
    { dtype: "float16" as const, shape, data: encodeFloat16(weights[name] as Float32Array) },
  ]);
  await writeSafetensors(join(folder, "model.safetensors"), Object.fromEntries(tensors), { format: "pt" });
  await writeFileAtomic(join(folder, "config.json"), `${JSON.stringify(file, null, 2)}\n`);
  for (const name of ["tokenizer.json", "tokenizer_config.json"])
    await copyFile(join(tokenizerFolder, name), join(folder, name));
}
