import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile, realpath, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SaeError, writeFileAtomic } from "@sae/core";

/** What is kept of a hash: it holds as long as size and time of change are the same. */
interface KeptHash {
  readonly bytes: number;
  readonly mtimeMs: number;
  readonly sha256: string;
}

/**
 * sha256 of a file, hexadecimal. Files of the hub's cache have it as their name, and it was checked when they came. That of a large file is kept
 * beside it (`.NAME.sha256.json`), so that gigabytes are read once and not for each job.
 *
 * @param keepFrom size in bytes from which on a hash is kept; default 64 MiB
 * @throws SaeError `file_not_found`, `read_failed`
 */
export async function fileSha256(path: string, keepFrom = 64 << 20): Promise<string> {
  try {
    const target = await realpath(path);
    if (basename(dirname(target)) === "blobs" && /^[0-9a-f]{64}$/.test(basename(target))) return basename(target);
    const { size: bytes, mtimeMs } = await stat(target);
    const keptAt = join(dirname(target), `.${basename(target)}.sha256.json`);
    if (bytes >= keepFrom) {
      const kept = await readKept(keptAt);
      if (kept?.bytes === bytes && kept.mtimeMs === mtimeMs) return kept.sha256;
    }
    const hash = createHash("sha256");
    for await (const piece of createReadStream(target, { highWaterMark: 1 << 20 })) hash.update(piece);
    const sha256 = hash.digest("hex");
    if (bytes >= keepFrom) {
      // A folder that cannot be written to costs only that the file is read again.
      await writeFileAtomic(keptAt, JSON.stringify({ bytes, mtimeMs, sha256 })).catch(() => {});
    }
    return sha256;
  } catch (cause) {
    if (cause instanceof SaeError) throw cause;
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new SaeError("file_not_found", `sha256: needed the file ${path}, got none; check the path`, { cause });
    }
    throw new SaeError("read_failed", `sha256 of ${path}: ${message}`, { cause });
  }
}

/** Null when there is none, or something else. */
const readKept = (path: string): Promise<KeptHash | null> =>
  readFile(path, "utf8")
    .then((text) => JSON.parse(text))
    .catch(() => null);
