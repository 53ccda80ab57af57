import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { SaeError } from "@sae/core";
import type { Message } from "esbuild";

/** A module of the user's with all that it imports, as one text. */
export interface UserBundle {
  /** Absolute. */
  readonly path: string;
  /** CommonJS. */
  readonly code: string;
  /** SHA-256 of the code: what is imported counts, comments and types do not. */
  readonly sha256: string;
  /** The user's own files that went into it, absolute, the module itself first; those of packages are left out. */
  readonly files: readonly string[];
  /** Packages that are the program's to provide. */
  readonly provided: readonly string[];
}

const extensions = [".ts", ".mts", ".cts", ".js", ".mjs", ".cjs"];

/** What user files share with the program; all else is bundled. */
const shared = ["@sae/*", "zod"];

/** Name of the variable that stands for `import.meta.url` in the code. */
export const urlVariable = "__userFileUrl";

/**
 * Bundles a TypeScript or JavaScript module. Packages of this project and zod are left to the program; `import.meta.url` is the module's own in all that
 * it imports.
 *
 * @param what how the file was named, for messages: `--variant-file my-sae.ts`
 * @param example what such a module exports, as its code
 * @throws SaeError `file_not_found`, `unknown_format`, `module_failed` where it does not parse or an import is not found
 */
export async function bundleUserFile(file: string, what: string, example: string): Promise<UserBundle> {
  const path = resolve(file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new SaeError(
      "file_not_found",
      `${what}: needed a file, got ${found ? "a folder" : "nothing there"}; check the path`,
    );
  }
  if (!extensions.includes(extname(path))) {
    throw new SaeError(
      "unknown_format",
      `${what}: needed a module (${extensions.join(", ")}), got '${extname(path)}'; write one with \`${example}\``,
    );
  }
  // Loaded here, so that commands without such files start at once.
  const { build } = await import("esbuild");
  const folder = dirname(path);
  const { outputFiles, metafile } = await build({
    entryPoints: [path],
    absWorkingDir: folder,
    bundle: true,
    external: shared,
    format: "cjs",
    platform: "node",
    target: "node20",
    define: { "import.meta.url": urlVariable },
    legalComments: "none",
    metafile: true,
    write: false,
    logLevel: "silent",
  }).catch((cause: { errors?: readonly Message[] }) => {
    const problems = (cause.errors ?? []).map(problemText);
    throw new SaeError("module_failed", `${what}: ${problems.join("; ") || String(cause)}; correct it and run again`, {
      cause,
    });
  });
  const [{ text: code }] = outputFiles;
  const [output] = Object.values(metafile.outputs);
  return {
    path,
    code,
    sha256: createHash("sha256").update(code).digest("hex"),
    files: Object.keys(metafile.inputs)
      .map((input) => resolve(folder, input))
      .filter((input) => !/[\\/]node_modules[\\/]/.test(input))
      .sort((a, b) => Number(b === path) - Number(a === path)),
    provided: output.imports.map((one) => one.path).filter((name) => /^(@sae\/|zod(\/|$))/.test(name)),
  };
}

const problemText = ({ text, location }: Message): string =>
  location === null ? text : `${location.file}:${location.line}:${location.column + 1}: ${text}`;
