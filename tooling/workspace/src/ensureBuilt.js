import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { withLock } from "./withLock.js";

/** Root folder of this repository. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

const cache = join(root, "node_modules", ".cache", "sae-sanity");
const stampFile = join(cache, "bundle-stamp");

/** Folders of all workspace packages, relative to the root. */
export function workspaceFolders() {
  return ["packages", "apps", "tooling"].flatMap((group) =>
    readdirSync(join(root, group), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && existsSync(join(root, group, entry.name, "package.json")))
      .map((entry) => `${group}/${entry.name}`),
  );
}

/**
 * Builds the JavaScript of every package if any source changed since the last call, silently: what the build printed
 * appears, on stderr, only when it fails.
 *
 * An unchanged tree costs a few hundred `stat` calls and writes nothing, so the many processes of a cluster job may
 * start from one folder; when the tree did change, one of them builds and the others wait.
 * @returns {number} exit code of the build, 0 when everything is up to date
 */
export function ensureBuilt() {
  if (isFresh()) return 0;
  mkdirSync(cache, { recursive: true });
  return withLock(join(cache, "bundle.lock"), () => {
    if (isFresh()) return 0;
    const stamp = sourceStamp(); // taken first: an edit during the build leaves the stamp stale, not the build
    const code = build();
    if (code !== 0) return code;
    writeFileSync(`${stampFile}.${process.pid}`, stamp);
    renameSync(`${stampFile}.${process.pid}`, stampFile);
    return 0;
  });
}

function isFresh() {
  const built = workspaceFolders().every(
    (folder) => !existsSync(join(root, folder, "tsup.config.ts")) || existsSync(join(root, folder, "dist")),
  );
  return built && existsSync(stampFile) && readFileSync(stampFile, "utf8") === sourceStamp();
}

/** Digest of path, size and modification time of every file that a build reads. */
function sourceStamp() {
  const files = ["package.json", "pnpm-lock.yaml", "turbo.json"];
  for (const folder of workspaceFolders()) {
    for (const name of ["package.json", "tsconfig.json", "tsconfig.base.json", "tsup.config.ts"]) {
      if (existsSync(join(root, folder, name))) files.push(`${folder}/${name}`);
    }
    if (!existsSync(join(root, folder, "src"))) continue;
    for (const name of readdirSync(join(root, folder, "src"), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".test.ts")) files.push(`${folder}/src/${name}`);
    }
  }
  const digest = createHash("sha256");
  for (const file of files.sort()) {
    const { size, mtimeMs } = statSync(join(root, file));
    digest.update(`${file}\0${size}\0${mtimeMs}\n`);
  }
  return digest.digest("hex");
}

/** @returns {number} exit code */
function build() {
  const turbo = createRequire(import.meta.url).resolve("turbo/bin/turbo");
  const { status, stdout, stderr, error } = spawnSync(
    process.execPath,
    [turbo, "run", "bundle", "--ui=stream", "--output-logs=errors-only"],
    {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
      maxBuffer: Number.POSITIVE_INFINITY,
    },
  );
  if (status !== 0) process.stderr.write(`${stdout ?? ""}${stderr ?? ""}${error ? `${error.message}\n` : ""}`);
  return status ?? 1;
}
