/*
 * npz files: zip archives of npy files, stored (numpy.savez) or deflated (numpy.savez_compressed). Of the zip format
 * (PKWARE APPNOTE) only what such an archive uses is read: the central directory at the end, with the 64-bit sizes of
 * large archives.
 */

import { crc32, inflateRawSync } from "node:zlib";
import { SaeError } from "./error.js";
import { decodeNpy } from "./npy.js";
import { readAll } from "./readBytes.js";
import type { StoredArray } from "./storedArray.js";

const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const END_OF_DIRECTORY_64_LOCATOR = 0x07064b50;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_ENTRY = 0x04034b50;
const LOCAL_ENTRY_BYTES = 30;
const EXTRA_64 = 0x0001;
const IN_EXTRA_64 = 0xffffffff;
const STORED = 0;
const DEFLATED = 8;

/**
 * Reads all arrays of a file, by name.
 *
 * @throws SaeError `file_not_found`, `bad_archive`, and those of {@link decodeNpy} for an array
 */
export async function readNpz(path: string): Promise<Record<string, StoredArray>> {
  return decodeNpz(await readAll(path, "read npz"), `read ${path}`);
}

/**
 * Reads all arrays of a file that is in memory, by name.
 *
 * @param what first words of error messages
 * @throws SaeError `bad_archive`, and those of {@link decodeNpy} for an array
 */
export function decodeNpz(bytes: Uint8Array, what = "decodeNpz"): Record<string, StoredArray> {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  try {
    const entries = directoryOf(buffer, what).map((entry) => {
      const name = entry.name.replace(/\.npy$/, "");
      return [name, decodeNpy(contentOf(buffer, entry, what), `${what}: array ${name}`)] as const;
    });
    return Object.fromEntries(entries);
  } catch (error) {
    if (error instanceof RangeError) throw badArchive(what, "an offset outside the file", error);
    throw error;
  }
}

interface ZipEntry {
  name: string;
  method: number;
  crc: number;
  packedBytes: number;
  bytes: number;
  localOffset: number;
}

function directoryOf(buffer: Buffer, what: string): ZipEntry[] {
  let end = buffer.length - END_OF_DIRECTORY_BYTES;
  while (end >= 0 && buffer.readUInt32LE(end) !== END_OF_DIRECTORY) end--; // a comment may follow it
  if (end < 0) throw badArchive(what, "no zip directory at the end: another format, or cut short");

  let count = buffer.readUInt16LE(end + 10);
  let offset = buffer.readUInt32LE(end + 16);
  const locator = end - 20;
  if (locator >= 0 && buffer.readUInt32LE(locator) === END_OF_DIRECTORY_64_LOCATOR) {
    const end64 = readUInt64(buffer, locator + 8);
    count = readUInt64(buffer, end64 + 32);
    offset = readUInt64(buffer, end64 + 48);
  }
  const entries: ZipEntry[] = [];
  for (let i = 0; i < count; i++) {
    if (buffer.readUInt32LE(offset) !== DIRECTORY_ENTRY) throw badArchive(what, "a broken zip directory");
    const nameEnd = offset + DIRECTORY_ENTRY_BYTES + buffer.readUInt16LE(offset + 28);
    const extraEnd = nameEnd + buffer.readUInt16LE(offset + 30);
    const entry = {
      name: buffer.toString("utf8", offset + DIRECTORY_ENTRY_BYTES, nameEnd),
      method: buffer.readUInt16LE(offset + 10),
      crc: buffer.readUInt32LE(offset + 16),
      packedBytes: buffer.readUInt32LE(offset + 20),
      bytes: buffer.readUInt32LE(offset + 24),
      localOffset: buffer.readUInt32LE(offset + 42),
    };
    widen(entry, buffer, nameEnd, extraEnd);
    entries.push(entry);
    offset = extraEnd + buffer.readUInt16LE(offset + 32);
  }
  return entries;
}

/** Replaces the fields that do not fit in 32 bits by those of the 64-bit extra field, which holds just these, in order. */
function widen(entry: ZipEntry, buffer: Buffer, start: number, end: number): void {
  for (let at = start; at + 4 <= end; at += 4 + buffer.readUInt16LE(at + 2)) {
    if (buffer.readUInt16LE(at) !== EXTRA_64) continue;
    let field = at + 4;
    for (const name of ["bytes", "packedBytes", "localOffset"] as const) {
      if (entry[name] !== IN_EXTRA_64) continue;
      entry[name] = readUInt64(buffer, field);
      field += 8;
    }
  }
}

function contentOf(buffer: Buffer, entry: ZipEntry, what: string): Uint8Array {
  const { name, method, crc, packedBytes, bytes, localOffset } = entry;
  if (buffer.readUInt32LE(localOffset) !== LOCAL_ENTRY) throw badArchive(what, `a broken entry ${name}`);
  const start =
    localOffset + LOCAL_ENTRY_BYTES + buffer.readUInt16LE(localOffset + 26) + buffer.readUInt16LE(localOffset + 28);
  const packed = buffer.subarray(start, start + packedBytes);
  const content = method === STORED ? packed : method === DEFLATED ? inflate(packed, bytes, name, what) : undefined;
  if (content === undefined) throw badArchive(what, `entry ${name} packed by method ${method}`);
  if (content.length !== bytes || crc32(content) !== crc) throw badArchive(what, `a damaged entry ${name}`);
  return content;
}

function inflate(packed: Buffer, bytes: number, name: string, what: string): Buffer {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, bytes) });
  } catch (cause) {
    throw badArchive(what, `a damaged entry ${name}`, cause);
  }
}

const readUInt64 = (buffer: Buffer, offset: number): number => Number(buffer.readBigUInt64LE(offset));

const badArchive = (what: string, got: string, cause?: unknown): SaeError =>
  new SaeError("bad_archive", `${what}: needed a zip archive of npy files, stored or deflated, got ${got}`, { cause });
