import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { root, workspaceFolders } from "./ensureBuilt.js";

// Packs every publishable package as a release would and checks the archive, so that what is checked is what is published:
// `publishConfig` applied, workspace versions filled in, only the listed files inside.

const run = promisify(execFile);
const temporary = mkdtempSync(join(tmpdir(), "sae-sanity-pack-"));

try {
  const problems = (await Promise.all(workspaceFolders().map(checkPackage))).flat();
  for (const problem of problems) console.error(problem);
  if (problems.length > 0) process.exitCode = 1;
} finally {
  rmSync(temporary, { recursive: true, force: true });
}

/**
 * @param {string} folder
 * @returns {Promise<string[]>} reports of the checks that failed
 */
async function checkPackage(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8"));
  if (manifest.private) return [];
  const { stdout } = await run("pnpm", ["pack", "--json", "--pack-destination", temporary], {
    cwd: join(root, folder),
  });
  const { filename, files } = JSON.parse(stdout);
  const problems = await check("publint", ["run", filename, "--strict"]);
  // A program has no module to import, hence no types to get wrong.
  if (manifest.exports) problems.push(...(await check("attw", [filename, "--profile", "esm-only"])));
  if (problems.length === 0) console.log(`${manifest.name}: ${files.length} files, fine`);
  return problems.map((problem) => `${manifest.name}: ${problem}`);
}

/**
 * @param {string} tool
 * @param {string[]} args
 */
async function check(tool, args) {
  try {
    await run(join(root, "node_modules", ".bin", tool), args, { env: { ...process.env, FORCE_COLOR: "0" } });
    return [];
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    return [`${tool} ${args.join(" ")}\n${stdout}${stderr}`];
  }
}
