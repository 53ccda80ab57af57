import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { fillNormal, key, writeNpy } from "@sae/core";
import { afterAll } from "vitest";

/** The built program: what users run. `pnpm test` builds it first. */
const program = fileURLToPath(new URL("../dist/cli.js", import.meta.url));

/** How a call ended. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts the built program. */
export function startCli(
  args: readonly (string | number)[],
  cwd: string,
): { child: ChildProcess; ended: Promise<Ended> } {
  if (!existsSync(program)) throw new Error(`${program} is not built; run \`pnpm build\` first`);
  const child = spawn(process.execPath, [program, ...args.map(String)], { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk) => (stdout += chunk));
  child.stderr.on("data", (chunk) => (stderr += chunk));
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}

/** Runs the built program to its end. */
export const runCli = (args: readonly (string | number)[], cwd: string): Promise<Ended> => startCli(args, cwd).ended;

/** Options as words: `{ "d-sae": 16 }` is `--d-sae 16`. */
export const words = (options: Readonly<Record<string, string | number>>): (string | number)[] =>
  Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);

/** A folder for one test file, removed at its end. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sae-bench-"));
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes activations N(0, 1) [rows, dModel] whose element at `change.at` is another. */
export async function writeActivations(
  path: string,
  [rows, dModel]: readonly [number, number],
  change?: { readonly at: number; readonly value: number },
): Promise<string> {
  const data = fillNormal(key(1), new Float32Array(rows * dModel));
  if (change) data[change.at] = change.value;
  await writeNpy(path, { dtype: "float32", shape: [rows, dModel], data });
  return path;
}

/** Hash of every file below a folder, by path. */
export async function hashes(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder, { recursive: true })).sort();
  const entries: [string, string][] = [];
  for (const name of names) {
    const path = join(folder, name);
    if ((await stat(path)).isDirectory()) continue;
    entries.push([
      relative(folder, path),
      createHash("sha256")
        .update(await readFile(path))
        .digest("hex"),
    ]);
  }
  return Object.fromEntries(entries);
}

/** Waits until something is there. */
export async function until<Found>(look: () => Promise<Found | null | false> | Found | null | false): Promise<Found> {
  for (;;) {
    const found = await look();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
