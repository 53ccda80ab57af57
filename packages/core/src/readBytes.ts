import { type FileHandle, open } from "node:fs/promises";
import { SaeError } from "./error.js";

/**
 * Opens a file for reading.
 *
 * @param operation first words of the error message
 * @throws SaeError `file_not_found`, `read_failed`
 */
export async function openToRead(path: string, operation: string): Promise<FileHandle> {
  try {
    return await open(path, "r");
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") {
      throw new SaeError("file_not_found", `${operation}: no file ${path}; check the path`, { cause });
    }
    throw new SaeError("read_failed", `${operation}: ${path}: ${message}`, { cause });
  }
}

/**
 * Fills `out` from the file.
 *
 * @param position byte in the file to start at
 * @param what first words of the error message
 * @throws SaeError `file_truncated` when the file ends before `out` is full
 */
export async function readFully(handle: FileHandle, out: Uint8Array, position: number, what: string): Promise<void> {
  for (let done = 0; done < out.length; ) {
    const length = Math.min(out.length - done, 1 << 30); // one system call reads less than 2 GiB
    const { bytesRead } = await handle.read(out, done, length, position + done);
    if (bytesRead === 0) throw truncated(what, position + out.length, position + done);
    done += bytesRead;
  }
}

/**
 * All bytes of a file, of any size that fits in memory (`fs.readFile` stops at 2 GiB).
 *
 * @param operation first words of the error message
 * @throws SaeError `file_not_found`, `read_failed`
 */
export async function readAll(path: string, operation: string): Promise<Uint8Array<ArrayBuffer>> {
  const handle = await openToRead(path, operation);
  try {
    const { size } = await handle.stat();
    const bytes = new Uint8Array(size);
    await readFully(handle, bytes, 0, `${operation} ${path}`);
    return bytes;
  } finally {
    await handle.close();
  }
}

/** The error of a file or buffer that ends too early. */
export const truncated = (what: string, needed: number, got: number): SaeError =>
  new SaeError("file_truncated", `${what}: needed ${needed} bytes, got ${got}; the file is cut short, fetch it again`);
