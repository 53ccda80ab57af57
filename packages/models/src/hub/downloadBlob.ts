import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, mkdir, open, rename, rm, stat, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { SaeError, writeError } from "@sae/core";
import { HubFailure, type HubSubject, subjectName } from "./hubFailure.js";
import { hubRequest, piecesOf, withRetries } from "./hubRequest.js";
import type { HubSettings } from "./hubSettings.js";

/** What is downloaded, and to where. */
export interface BlobDownload {
  readonly settings: HubSettings;
  readonly subject: HubSubject;
  readonly url: string;
  /** Place in the cache. */
  readonly blob: string;
  readonly bytes: number;
  /** sha256 of the content (64 digits), or git's hash of it (40 digits). */
  readonly etag: string;
  /** Called with the number of bytes that are on the disk. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Downloads one file into the cache unless it is there. The part that came is kept under `.incomplete` when the download breaks off, and the next
 * call asks for the rest only. The content is checked before the file gets its name.
 *
 * Several processes may do this at once: each writes, from the start on, the same bytes to the same places, so that the part on the disk has no
 * holes whoever stops first.
 *
 * @throws SaeError `checksum_mismatch`, `disk_full`, and those of a request
 */
export async function downloadBlob(download: BlobDownload): Promise<void> {
  const { settings, blob, bytes, onBytes } = download;
  const partial = `${blob}.incomplete`;
  if (await exists(blob)) return onBytes(bytes);
  await mkdir(dirname(blob), { recursive: true }).catch((cause) => {
    throw writeError(blob, cause);
  });
  const handle = await open(partial, constants.O_RDWR | constants.O_CREAT, 0o644).catch((cause) => {
    throw writeError(partial, cause);
  });
  let done = 0;
  try {
    const { size } = await handle.stat();
    if (size > bytes) await handle.truncate(0);
    else done = size;
    onBytes(done);
    if (done < bytes) await checkSpace(blob, bytes - done);
    await withRetries(
      settings,
      async () => {
        if (done < bytes) await fetchRest();
      },
      () => done,
    );
    await handle.sync().catch((cause) => {
      throw writeError(partial, cause);
    });
    await checkContent(handle);
  } finally {
    await handle.close();
  }
  await rename(partial, blob).catch(async (cause) => {
    if (!(await exists(blob))) throw writeError(blob, cause); // else another process was first
  });

  async function fetchRest(): Promise<void> {
    const { subject, url } = download;
    const headers = { "Accept-Encoding": "identity", ...(done > 0 && { Range: `bytes=${done}-` }) };
    await hubRequest(settings, subject, url, { headers }, async (response, alive) => {
      if (response.status !== 206) {
        done = 0; // a server without ranges sends all of it
      } else if (!response.headers.get("Content-Range")?.startsWith(`bytes ${done}-`)) {
        throw badAnswer(`needed bytes from ${done} on, got "${response.headers.get("Content-Range")}"`);
      }
      for await (const piece of piecesOf(response, settings, subject)) {
        alive();
        if (done + piece.length > bytes) throw badAnswer(`needed ${bytes} bytes, got more`);
        await writeAt(handle, piece, done, partial);
        done += piece.length;
        onBytes(done);
      }
    });
    if (done < bytes) {
      throw new HubFailure(
        "hub_interrupted",
        `fetch ${subjectName(subject)}: the answer ended at byte ${done} of ${bytes}; run again, it continues there`,
        { transient: true },
      );
    }
  }

  /** Reads from the open file: another process may have renamed it already. */
  async function checkContent(file: FileHandle): Promise<void> {
    const { subject, etag } = download;
    const sha256 = etag.length === 64;
    const hash = createHash(sha256 ? "sha256" : "sha1");
    if (!sha256) hash.update(`blob ${bytes}\0`); // git hashes a header first
    for await (const piece of file.createReadStream({ start: 0, autoClose: false, highWaterMark: 1 << 20 })) {
      hash.update(piece);
    }
    const found = hash.digest("hex");
    if (found === etag) return;
    await rm(partial, { force: true });
    throw new SaeError(
      "checksum_mismatch",
      `fetch ${subjectName(subject)}: needed ${sha256 ? "sha256" : "git hash"} ${etag}, got ${found}; the file was removed, run again to fetch it anew`,
    );
  }

  function badAnswer(what: string): HubFailure {
    return new HubFailure(
      "hub_answer_invalid",
      `fetch ${subjectName(download.subject)}: ${what}; a proxy may have changed the answer: check HF_ENDPOINT`,
    );
  }
}

const exists = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

async function checkSpace(blob: string, needed: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(blob));
  const free = bavail * bsize;
  if (needed <= free) return;
  throw new SaeError(
    "disk_full",
    `fetch into ${dirname(blob)}: needed ${needed} bytes on the disk, ${free} are free; make room, or set HF_HUB_CACHE to a folder on another disk`,
  );
}

async function writeAt(handle: FileHandle, piece: Uint8Array, position: number, path: string): Promise<void> {
  for (let done = 0; done < piece.length; ) {
    const { bytesWritten } = await handle.write(piece, done, piece.length - done, position + done).catch((cause) => {
      throw writeError(path, cause);
    });
    done += bytesWritten;
  }
}
