import { SaeError } from "@sae/core";
import { addBaseline, addVariant } from "../jobs/findByName.js";
import { type DefinitionKind, definitionExample, definitionsIn } from "./definitionsIn.js";
import { loadUserFile } from "./loadUserFile.js";
import { studyDefinitions, studyExample, studyIn, type WrittenStudy, withNames } from "./studyFile.js";

/** A file that defines architectures or baselines: only them, or a study that brings some. */
export interface DefinitionFile {
  readonly kind: DefinitionKind | "study";
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
    const what = kind === "study" ? studyText(file) : `--${kind}-file ${file}`;
    const example = kind === "study" ? studyExample : definitionExample(kind);
    const { path, sha256, exports } = await loadUserFile(file, what, example);
    if (planned !== undefined && planned !== sha256) {
      throw new SaeError("data_changed", `${what}: it changed since the study was planned; start the command again`);
    }
    if (kind === "study") addStudyDefinitions(studyIn(exports, what), sha256, what);
    if (kind === "variant") for (const one of definitionsIn(exports, kind, what)) addVariant(one, sha256, what);
    if (kind === "baseline") for (const one of definitionsIn(exports, kind, what)) addBaseline(one, sha256, what);
    added.push({ kind, path, sha256 });
  }
  return added;
}

/** The file of a study in messages. */
export const studyText = (file: string): string => `--config ${file}`;

/** A study of the user's with what has to be known of it. */
export interface StudyFile {
  readonly study: WrittenStudy;
  /** The file, where the study brings definitions of its own: jobs that use them read it, too. */
  readonly files: readonly Required<DefinitionFile>[];
}

/**
 * Loads a study and makes known the architectures and baselines that it brings.
 *
 * @throws SaeError those of `loadUserFile`, `studyIn`, `definitionsIn` and `addVariant`
 */
export async function loadStudyFile(file: string): Promise<StudyFile> {
  const what = studyText(file);
  const { path, sha256, exports } = await loadUserFile(file, what, studyExample);
  const study = studyIn(exports, what);
  const count = addStudyDefinitions(study, sha256, what);
  return { study: withNames(study), files: count === 0 ? [] : [{ kind: "study", path, sha256 }] };
}

/** @returns how many there are */
function addStudyDefinitions(study: WrittenStudy, sha256: string, what: string): number {
  const variants = studyDefinitions(study, "variant", what);
  const baselines = studyDefinitions(study, "baseline", what);
  for (const one of variants) addVariant(one, sha256, what);
  for (const one of baselines) addBaseline(one, sha256, what);
  return variants.length + baselines.length;
}

/** Facts that a job is given about definitions of the user's. */
export const localDefinitions = (files: readonly DefinitionFile[]): Record<string, string> =>
  files.length === 0 ? {} : { definitions: JSON.stringify(files) };

/** Makes the definitions known that a job was given: what a worker does first. */
export async function addLocalDefinitions({ definitions }: Readonly<Record<string, string>>): Promise<void> {
  if (definitions !== undefined) await addDefinitionFiles(JSON.parse(definitions) as DefinitionFile[]);
}
