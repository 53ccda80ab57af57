import { randomBytes } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { SaeError } from "./error.js";

/** What a file is written from: all at once, or piece by piece so that it need never be in memory as a whole. */
export type FileContent = string | Uint8Array | Iterable<Uint8Array> | AsyncIterable<Uint8Array>;

/**
 * Writes a file so that readers see the old content or the new one, never a part: under a temporary name in the same
 * folder, flushed to the disk, then renamed. When anything fails the temporary file is removed and the old content stays.
 *
 * @param path file to create or replace; its folder must exist
 * @param content text (written as UTF-8), bytes, or the pieces of the file in order
 * @throws SaeError `disk_full`, `folder_not_found`, `write_failed`; an error thrown by the iteration of `content` passes through
 */
export async function writeFileAtomic(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  const handle = await open(temporary, "wx").catch((cause) => {
    throw writeError(path, cause);
  });
  try {
    try {
      for await (const piece of piecesOf(content)) await writeFully(handle, piece, path);
      await handle.sync().catch((cause) => {
        throw writeError(path, cause);
      });
    } finally {
      await handle.close();
    }
    await rename(temporary, path).catch((cause) => {
      throw writeError(path, cause);
    });
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/**
 * The error of a failed write, by what the system said.
 *
 * @param path file that was to be written
 * @param cause error of a system call
 */
export function writeError(path: string, cause: unknown): SaeError {
  const { code: errno, message } = cause as NodeJS.ErrnoException;
  if (errno === "ENOSPC" || errno === "EDQUOT") {
    return new SaeError("disk_full", `write ${path}: no space left on the disk; free some, then run again`, { cause });
  }
  if (errno === "ENOENT") {
    return new SaeError(
      "folder_not_found",
      `write ${path}: the folder ${dirname(path)} does not exist; create it first`,
      {
        cause,
      },
    );
  }
  return new SaeError("write_failed", `write ${path}: ${message}`, { cause });
}

function piecesOf(content: FileContent): Iterable<Uint8Array> | AsyncIterable<Uint8Array> {
  if (typeof content === "string") return [new TextEncoder().encode(content)];
  return content instanceof Uint8Array ? [content] : content;
}

/**
 * Writes all of `piece` at the handle's position.
 *
 * @param path the file, for the error message
 * @throws SaeError `disk_full`, `write_failed`
 */
export async function writeFully(handle: FileHandle, piece: Uint8Array, path: string): Promise<void> {
  // one system call may write less than it was given, and never more than 2 GiB
  for (let done = 0; done < piece.length; ) {
    const length = Math.min(piece.length - done, 1 << 30);
    const { bytesWritten } = await handle.write(piece, done, length).catch((cause) => {
      throw writeError(path, cause);
    });
    done += bytesWritten;
  }
}

/** Makes the rename survive a power cut, where the system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r").catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}
