/*
 * Part of the build: `node src/bundleCode.ts dist` copies the source files that are texts of the corpus into dist/packages, each package's with
 * its licences. As dependencies these packages would bring a hundred others with them, and some would compile native code when they are installed,
 * or fail to: all for the sake of text.
 */
import { copyFileSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { codeFiles } from "./code.js";
import { type CodePackage, codePackages } from "./codePackages.js";
import { bundledName, packageFolder } from "./packageFolder.js";

/** Files with the terms of a package, or of what it holds of others. */
const licence = /(^|\/)(licen[cs]e|copying|notice|authors)(\.\w+)?$/i;

/** Copies the texts and licences of one package below `target`. */
export function bundlePackage(each: CodePackage, target: string): void {
  const folder = packageFolder(each.package);
  const texts = codeFiles(each, folder).map(({ id }) => id.slice(each.package.length + 1));
  const terms = (readdirSync(folder, { recursive: true }) as string[])
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => licence.test(path) && !path.includes("node_modules/"));
  for (const path of [...texts, ...terms]) {
    const copy = join(target, bundledName(each.package), path);
    mkdirSync(dirname(copy), { recursive: true });
    copyFileSync(join(folder, path), copy);
  }
}

const [, script, dist] = process.argv;
if (script !== undefined && dist !== undefined && import.meta.url === pathToFileURL(resolve(script)).href) {
  for (const each of codePackages) bundlePackage(each, join(dist, "packages"));
}
