import { stat } from "node:fs/promises";
import { join } from "node:path";
import { openSafetensors, SaeError, type SafetensorsReader, type StoredDType, toFloat32 } from "@sae/core";
import { readJsonObject } from "./readJsonObject.js";
import { tensorNotFound } from "./tensorNotFound.js";
import type { WeightSource } from "./weightSource.js";

const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";

/** What weights are stored as; other dtypes are of buffers, such as causal masks. */
const weightDtypes: readonly StoredDType[] = ["float32", "float16", "bfloat16"];

/**
 * Opens a checkpoint as `save_pretrained` of transformers writes it: config.json with model.safetensors, or with the shards that
 * model.safetensors.index.json lists. float16 and bfloat16 become float32 when a weight is read.
 *
 * @throws SaeError `file_not_found` (which), `bad_json`, `bad_index`, `tensor_not_found` (the index names what a shard lacks), and those of
 *   `openSafetensors`; `read` also `unsupported_dtype`
 */
export async function openHuggingFaceFolder(path: string): Promise<WeightSource> {
  const what = `open ${path}`;
  const config = await readJsonObject(
    join(path, "config.json"),
    what,
    "needed config.json, got no such file; fetch it, or give the folder that holds it",
  );
  const single = (await exists(join(path, SINGLE))) ? SINGLE : undefined;
  const index = single === undefined ? await readIndex(path, what) : undefined;
  const readers = await openAll(path, single === undefined ? [...new Set(index?.values())].sort() : [single], what);
  const close = async (): Promise<void> => {
    for (const reader of readers.values()) await reader.close();
  };

  const names = index ? [...index.keys()] : Object.keys(readers.get(SINGLE)?.entries ?? {});
  const readerOf = (name: string): SafetensorsReader | undefined =>
    readers.get(index ? (index.get(name) ?? "") : SINGLE);
  const shapes: [string, readonly number[]][] = [];
  for (const name of names) {
    const entries = readerOf(name)?.entries ?? {};
    if (!Object.hasOwn(entries, name)) {
      await close();
      throw new SaeError(
        "tensor_not_found",
        `${what}: needed tensor ${name} in ${index?.get(name)}, as ${INDEX} says, got none; fetch both files again`,
      );
    }
    shapes.push([name, entries[name].shape]);
  }

  return {
    config,
    path,
    shapes: Object.fromEntries(shapes),
    async read(name) {
      const reader = readerOf(name);
      if (reader === undefined || !Object.hasOwn(reader.entries, name)) throw tensorNotFound(path, name, names);
      const { dtype } = reader.entries[name];
      if (!weightDtypes.includes(dtype)) {
        throw new SaeError(
          "unsupported_dtype",
          `read ${path}: tensor ${name}: needed ${weightDtypes.join(", ")}, got ${dtype}; convert it, if it is a weight`,
        );
      }
      return toFloat32(await reader.read(name));
    },
    close,
  };
}

/** File of each tensor, from the index. */
async function readIndex(path: string, what: string): Promise<ReadonlyMap<string, string>> {
  const file = join(path, INDEX);
  const json = await readJsonObject(
    file,
    what,
    `needed ${SINGLE} or ${INDEX}, got neither; fetch the weights as safetensors`,
  );
  const { weight_map: map } = json;
  if (typeof map !== "object" || map === null || !Object.values(map).every(isFileName)) {
    throw new SaeError(
      "bad_index",
      `${what}: needed a weight_map of tensor and file names in ${INDEX}; fetch it again`,
    );
  }
  return new Map(Object.entries(map as Record<string, string>));
}

/** A file beside the index; never a path that leads elsewhere. */
const isFileName = (value: unknown): boolean => typeof value === "string" && /^[^/\\]+\.safetensors$/.test(value);

async function openAll(path: string, files: readonly string[], what: string): Promise<Map<string, SafetensorsReader>> {
  const missing: string[] = [];
  for (const file of files) if (!(await exists(join(path, file)))) missing.push(file);
  if (missing.length > 0) {
    throw new SaeError(
      "file_not_found",
      `${what}: needed ${files.length} files that ${INDEX} lists, got all but ${missing.join(", ")}; fetch what is missing`,
    );
  }
  const readers = new Map<string, SafetensorsReader>();
  try {
    for (const file of files) readers.set(file, await openSafetensors(join(path, file)));
  } catch (error) {
    for (const reader of readers.values()) await reader.close();
    throw error;
  }
  return readers;
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
