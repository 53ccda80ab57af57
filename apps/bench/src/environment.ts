import { existsSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Versions of everything that numbers may depend on. */
export type Versions = Readonly<Record<string, string>>;

const packages = ["core", "autoencoders", "baselines", "synthetic", "metrics"].map((name) => `@sae/${name}`);
const here = dirname(fileURLToPath(import.meta.url));

/** Versions of Node, onnxruntime, and our own packages. */
export function versions(): Versions {
  const core = folderOf("@sae/core", here);
  return {
    node: process.versions.node,
    "onnxruntime-node": versionIn(core && folderOf("onnxruntime-node", core)),
    "@sae/bench": programVersion(),
    ...Object.fromEntries(packages.map((name) => [name, versionIn(folderOf(name, here))])),
    platform: `${process.platform}-${process.arch}`,
  };
}

/** Version of this program: its package.json is in the folder above the sources, and above the bundle. */
export const programVersion = (): string => versionIn(dirname(here));

/** Folder of an installed package, as a module in `from` would find it. */
function folderOf(name: string, from: string): string | null {
  const folder = join(from, "node_modules", name);
  if (existsSync(join(folder, "package.json"))) return realpathSync(folder);
  return from === dirname(from) ? null : folderOf(name, dirname(from));
}

function versionIn(folder: string | null): string {
  if (folder === null) return "unknown";
  return (JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as { version: string }).version;
}
