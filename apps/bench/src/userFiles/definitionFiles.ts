import { SaeError } from "@sae/core";
import { addBaseline, addVariant } from "../jobs/findByName.js";
import { type Definition, type DefinitionKind, definitionsIn } from "./definitionsIn.js";
import { loadUserFile } from "./loadUserFile.js";

/** A file that defines architectures or baselines. */
export interface DefinitionFile {
  readonly kind: DefinitionKind;
  /** Absolute once it was added. */
  readonly path: string;
  /** Its bundle's hash when the study was planned; undefined before. */
  readonly sha256?: string;
}

/**
 * Loads definitions and makes them known in this process.
 *
 * @returns the same files with their hashes
 * @throws SaeError those of `loadUserFile`, `definitionsIn` and `addVariant`; `data_changed` when a file is not the one that was planned with
 */
export async function addDefinitionFiles(files: readonly DefinitionFile[]): Promise<Required<DefinitionFile>[]> {
  const added: Required<DefinitionFile>[] = [];
  for (const { kind, path: file, sha256: planned } of files) {
    const what = `--${kind}-file ${file}`;
    const { path, sha256, exports } = await loadUserFile(file, what);
    if (planned !== undefined && planned !== sha256) {
      throw new SaeError("data_changed", `${what}: it changed since the study was planned; start the command again`);
    }
    for (const definition of definitionsIn(exports, kind, what)) {
      if (kind === "variant") addVariant(definition as Definition<"variant">, sha256, what);
      else addBaseline(definition as Definition<"baseline">, sha256, what);
    }
    added.push({ kind, path, sha256 });
  }
  return added;
}

/** Facts that a job is given about definitions of the user's. */
export const localDefinitions = (files: readonly DefinitionFile[]): Record<string, string> =>
  files.length === 0 ? {} : { definitions: JSON.stringify(files) };

/** Makes the definitions known that a job was given: what a worker does first. */
export async function addLocalDefinitions({ definitions }: Readonly<Record<string, string>>): Promise<void> {
  if (definitions !== undefined) await addDefinitionFiles(JSON.parse(definitions) as DefinitionFile[]);
}
