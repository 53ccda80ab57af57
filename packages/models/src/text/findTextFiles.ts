import { readdir, stat } from "node:fs/promises";
import { dirname, join, relative, resolve, sep } from "node:path";
import { SaeError } from "@sae/core";
import { readError } from "./readText.js";
import { fileFormat, type TextFormat, textExtensions } from "./textFormats.js";

/** A file with documents. */
export interface TextFile {
  readonly path: string;
  /** Names it among the others: the path from the folder that they all lie in, with `/` on every system. */
  readonly name: string;
  readonly format: TextFormat;
}

/**
 * The files of paths, in the order of the paths; of a folder all that have a known extension, at any depth, in the order of their paths. What
 * begins with a dot is left out.
 *
 * @param extensions which files of a folder, such as `[".txt"]`, with or without `.gz`; all known ones when left out
 * @throws SaeError `file_not_found`, `unknown_format`, `no_texts`, `duplicate_file`
 */
export async function findTextFiles(
  paths: readonly string[],
  extensions: readonly string[] = textExtensions,
): Promise<TextFile[]> {
  const known = textExtensions.join(", ");
  for (const extension of extensions) {
    if (!textExtensions.includes(extension))
      throw new SaeError("unknown_format", `find texts: needed extensions of ${known}, got ${extension}`);
  }
  const found: string[] = [];
  for (const path of paths.map((given) => resolve(given))) {
    const entry = await stat(path).catch((cause: unknown) => {
      throw readError(path, cause);
    });
    if (!entry.isDirectory()) {
      if (fileFormat(path) === undefined)
        throw new SaeError("unknown_format", `read ${path}: needed a file ending in ${known}, or one of these and .gz`);
      found.push(path);
      continue;
    }
    const inside = (await filesBelow(path)).filter((file) =>
      extensions.some((end) => file.endsWith(end) || file.endsWith(`${end}.gz`)),
    );
    if (inside.length === 0)
      throw new SaeError(
        "no_texts",
        `read ${path}: needed files ending in ${extensions.join(", ")}, found none in this folder`,
      );
    found.push(...inside);
  }
  if (found.length === 0) throw new SaeError("no_texts", "read texts: needed at least one file, got none");
  const twice = found.find((path, i) => found.indexOf(path) < i);
  if (twice !== undefined)
    throw new SaeError("duplicate_file", `read ${twice}: needed different files, got this one twice; name it once`);
  const root = commonFolder(found);
  return found.map((path) => ({ path, name: slashed(relative(root, path)), format: fileFormat(path) as TextFormat }));
}

async function filesBelow(folder: string): Promise<string[]> {
  const files: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (
      slashed(relative(folder, path))
        .split("/")
        .some((part) => part.startsWith("."))
    )
      continue;
    // a model hub's cache holds links to the files; links to folders are not followed, they may lead round in a circle
    const isFile =
      entry.isFile() ||
      (entry.isSymbolicLink() &&
        (await stat(path).then(
          (target) => target.isFile(),
          () => false,
        )));
    if (isFile) files.push(path);
  }
  // by code units, not by the language of the machine
  return files.sort((a, b) => (slashed(a) < slashed(b) ? -1 : 1));
}

function commonFolder(paths: readonly string[]): string {
  let folder = dirname(paths[0]);
  while (!paths.every((path) => path.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    folder = dirname(folder);
  return folder;
}

const slashed = (path: string): string => path.replaceAll(sep, "/");
