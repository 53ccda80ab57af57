import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";
import { SaeError } from "@sae/core";
import { bundleUserFile, type UserBundle, urlVariable } from "./bundleUserFile.js";

/** A module of the user's that was run. */
export interface UserModule extends UserBundle {
  readonly exports: Readonly<Record<string, unknown>>;
}

/**
 * Bundles and runs a module of the user's. It gets the very packages that the program uses, wherever it lies and whatever is installed there: tensors of
 * another copy of @sae/core would not be known as such, nor would its errors.
 *
 * @throws SaeError those of `bundleUserFile`; `module_failed` when it throws, with what it threw; a SaeError that it throws keeps its code
 */
export async function loadUserFile(file: string, what: string, example: string): Promise<UserModule> {
  const bundle = await bundleUserFile(file, what, example);
  const { path, code, provided } = bundle;
  const packages = new Map<string, unknown>();
  for (const name of provided) packages.set(name, await providedPackage(name, what));
  const others = createRequire(path);
  const require = (name: string): unknown => packages.get(name) ?? others(name);
  const module = { exports: {} as Readonly<Record<string, unknown>> };
  try {
    const run = compileFunction(code, ["module", "exports", "require", urlVariable], {
      filename: path,
      importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    });
    run(module, module.exports, require, pathToFileURL(path).href);
  } catch (cause) {
    const { message } = cause instanceof Error ? cause : new Error(String(cause));
    throw new SaeError(
      cause instanceof SaeError ? cause.code : "module_failed",
      `${what}: it throws when it is loaded: ${message}; correct it and run again`,
      { cause },
    );
  }
  return { ...bundle, exports: module.exports };
}

async function providedPackage(name: string, what: string): Promise<unknown> {
  try {
    return await import(/* @vite-ignore */ name);
  } catch (cause) {
    throw new SaeError(
      "module_failed",
      `${what}: it imports '${name}', which this program does not have; import from its other packages`,
      { cause },
    );
  }
}
