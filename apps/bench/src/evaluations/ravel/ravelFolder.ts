import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensors, SaeError, writeFileAtomic, writeSafetensors } from "@sae/core";
import type { EditPairs, PromptActivations } from "@sae/editing";

/** What the job that draws pairs leaves for those that edit. */
export interface RavelFolder {
  readonly pairs: EditPairs;
  readonly activations: PromptActivations;
}

const pairsFile = (folder: string): string => join(folder, "pairs.json");
const activationsFile = (folder: string): string => join(folder, "activations.safetensors");

/** Leaves pairs, and the activations of their prompts, in a job's folder. */
export async function writeRavelFolder(folder: string, { pairs, activations }: RavelFolder): Promise<void> {
  const { hook, dModel, rows } = activations;
  await writeFileAtomic(pairsFile(folder), `${JSON.stringify(pairs)}\n`);
  const shape = [rows.length / dModel, dModel];
  await writeSafetensors(activationsFile(folder), { rows: { dtype: "float32", shape, data: rows } }, { hook });
}

/** Reads it back. */
export async function readRavelFolder(folder: string): Promise<RavelFolder> {
  const pairs = JSON.parse(await readFile(pairsFile(folder), "utf8")) as EditPairs;
  const { tensors, metadata } = await readSafetensors(activationsFile(folder));
  const { rows } = tensors;
  if (!rows || metadata.hook === undefined) {
    throw new SaeError(
      "corrupt_result",
      `${activationsFile(folder)}: needed rows, got another file; delete the folder`,
    );
  }
  const activations = {
    hook: metadata.hook,
    dModel: rows.shape[1],
    prompts: pairs.prompts,
    rows: rows.data as Float32Array,
  };
  return { pairs, activations };
}
