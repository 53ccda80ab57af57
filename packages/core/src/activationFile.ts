import { createHash } from "node:crypto";
import { read } from "node:fs";
import { type FileHandle, stat } from "node:fs/promises";
import { openShards } from "./activationShards.js";
import { SaeError } from "./error.js";
import { readNpyHeader } from "./npy.js";
import { openToRead, readFully, truncated } from "./readBytes.js";
import { openSafetensors, type SafetensorsEntry } from "./safetensors.js";
import { bytesPerElement, floatCopier, type StoredDType, viewAs } from "./storedArray.js";

/** Activations on disk: a matrix [rows, dModel], one row for each token. */
export interface ActivationFile {
  /** The file, or the folder of a matrix in several. */
  readonly path: string;
  readonly rows: number;
  readonly dModel: number;
  readonly dtype: StoredDType;
  /** True when the matrix was read into memory at opening; reads then do their work before they return. */
  readonly inMemory: boolean;
  /**
   * Copies rows in the order given.
   *
   * @param indices [n], each in [0, rows), repeats allowed
   * @param out [n, dModel]
   * @throws SaeError `out_of_range`, `shape_mismatch`, `non_finite` (names the row), `file_truncated`, `read_failed`
   */
  readRows(indices: ArrayLike<number>, out: Float32Array): Promise<void>;
  /**
   * Copies the rows `start` to `start + count - 1`.
   *
   * @param out [count, dModel]
   * @throws SaeError as `readRows`
   */
  readRange(start: number, count: number, out: Float32Array): Promise<void>;
  /**
   * SHA-256 of the bytes of the file, in hexadecimal, as `sha256sum` prints it. For a folder: of what `sha256sum` prints for its shards in
   * order, so `sha256sum activations-*.npy | sha256sum`.
   */
  hash(): Promise<string>;
  /** Closes the file. */
  close(): Promise<void>;
}

/** How {@link openActivations} reads a file. */
export interface ActivationFileOptions {
  /** Name of the tensor in a safetensors file; may be left out when the file has one tensor only. */
  readonly tensor?: string;
  /** A matrix of at most so many bytes is held in memory, in its own element type. Default 1 GiB. */
  readonly maxBytesInMemory?: number;
}

const GIB = 2 ** 30;
const READ_BYTES = 2 ** 20; // one read of neighbouring rows; with LANES of them in flight, the memory a streamed file takes
const LANES = 8;
const ROWS_AT_ONCE = 65536;

/**
 * Opens an npy file or a safetensors file that holds a matrix of activations, or a folder of them with a manifest.json (see
 * `activationShards.ts`), which is read as one matrix.
 *
 * A small matrix is read into memory (float16 stays float16 there); of a larger one only the rows asked for are read,
 * so it may be much larger than the memory.
 *
 * @param path file ending in `.npy` or `.safetensors`, or a folder
 * @throws SaeError `file_not_found`, `wrong_rank`, `wrong_dtype`, `unknown_format`, `tensor_not_found`, those of
 *   reading the header of the format, and for a folder `no_manifest`, `bad_manifest`, `shard_mismatch`
 */
export async function openActivations(path: string, options: ActivationFileOptions = {}): Promise<ActivationFile> {
  const { tensor, maxBytesInMemory = GIB } = options;
  const isFolder = await stat(path).then(
    (entry) => entry.isDirectory(),
    () => false,
  );
  if (isFolder) {
    const openShard = (shard: string, bytes: number) => openActivations(shard, { ...options, maxBytesInMemory: bytes });
    return openShards(path, maxBytesInMemory, openShard);
  }
  const handle = await openToRead(path, "open activations");
  try {
    const matrix = await findMatrix(handle, path, tensor);
    const { rows, dModel, dtype } = matrix;
    const inMemory = rows * dModel * bytesPerElement(dtype) <= maxBytesInMemory;
    const copyRows = inMemory ? await memoryReader(handle, matrix) : diskReader(handle, matrix);
    let digest: Promise<string> | undefined;

    const readInto = async (count: number, rowAt: RowAt, out: Float32Array): Promise<void> => {
      if (out.length !== count * dModel) {
        throw new SaeError(
          "shape_mismatch",
          `read ${path}: needed an output of ${count} rows of ${dModel} values, got ${out.length} values`,
        );
      }
      for (let i = 0; i < count; i++) {
        const row = rowAt(i);
        if (!(Number.isInteger(row) && row >= 0 && row < rows)) {
          throw new SaeError("out_of_range", `read ${path}: needed rows from 0 to ${rows - 1}, got ${row}`);
        }
      }
      await copyRows(count, rowAt, out);
    };
    return {
      path,
      rows,
      dModel,
      dtype,
      inMemory,
      readRows: (indices, out) => readInto(indices.length, (i) => indices[i], out),
      readRange: (start, count, out) => readInto(count, (i) => start + i, out),
      hash: () => {
        digest ??= sha256(handle, path);
        return digest;
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface Matrix {
  readonly path: string;
  readonly rows: number;
  readonly dModel: number;
  readonly dtype: StoredDType;
  /** Position in the file of the first element. */
  readonly byteOffset: number;
}

type RowAt = (i: number) => number;

/** Copies the rows `rowAt(0)` to `rowAt(count - 1)` into `out` [count, dModel]. */
type CopyRows = (count: number, rowAt: RowAt, out: Float32Array) => void | Promise<void>;

async function findMatrix(handle: FileHandle, path: string, tensor: string | undefined): Promise<Matrix> {
  const what = `open activations ${path}`;
  if (!path.endsWith(".npy") && !path.endsWith(".safetensors")) {
    throw new SaeError("unknown_format", `${what}: needed a file ending in .npy or .safetensors`);
  }
  const { dtype, shape, byteOffset } = path.endsWith(".npy")
    ? await readNpyHeader(handle, what)
    : await findTensor(path, tensor, what);
  if (shape.length !== 2) {
    throw new SaeError(
      "wrong_rank",
      `${what}: needed a matrix [rows, dModel], got shape [${shape.join(", ")}]; reshape it to two dimensions`,
    );
  }
  if (dtype !== "float16" && dtype !== "bfloat16" && dtype !== "float32" && dtype !== "float64") {
    throw new SaeError("wrong_dtype", `${what}: needed float16, bfloat16, float32 or float64, got ${dtype}`);
  }
  return { path, rows: shape[0], dModel: shape[1], dtype, byteOffset };
}

async function findTensor(path: string, tensor: string | undefined, what: string): Promise<SafetensorsEntry> {
  const { entries, close } = await openSafetensors(path);
  await close();
  const names = Object.keys(entries);
  const name = tensor ?? (names.length === 1 ? names[0] : undefined);
  if (name === undefined || !Object.hasOwn(entries, name)) {
    const needed = tensor === undefined ? "the option tensor" : `tensor ${tensor}`;
    throw new SaeError(
      "tensor_not_found",
      `${what}: needed ${needed} to be one of ${names.join(", ") || "no tensors"}`,
    );
  }
  return entries[name];
}

async function memoryReader(handle: FileHandle, matrix: Matrix): Promise<CopyRows> {
  const { path, rows, dModel, dtype, byteOffset } = matrix;
  const bytes = new Uint8Array(rows * dModel * bytesPerElement(dtype));
  await readFully(handle, bytes, byteOffset, `read ${path}`);
  const copy = floatCopier(dtype, viewAs(dtype, bytes));
  return (count, rowAt, out) => {
    const outBits = bitsOf(out);
    for (let i = 0; i < count; i++) {
      const row = rowAt(i);
      copy(row * dModel, dModel, out, i * dModel);
      checkFinite(outBits, i * dModel, row, matrix);
    }
  };
}

/** Neighbouring rows of the file that one read fetches: the entries `from` to `to - 1` of the sorted list of wanted rows. */
interface Run {
  readonly from: number;
  readonly to: number;
  readonly firstRow: number;
  readonly rows: number;
}

function diskReader(handle: FileHandle, matrix: Matrix): CopyRows {
  const { path, dModel, dtype, byteOffset } = matrix;
  const rowBytes = dModel * bytesPerElement(dtype);
  const maxRows = Math.max(1, Math.floor(READ_BYTES / rowBytes));

  return async (count, rowAt, out) => {
    const outBits = bitsOf(out);
    for (let first = 0; first < count; first += ROWS_AT_ONCE) {
      const size = Math.min(ROWS_AT_ONCE, count - first);
      // In the order of the file, as one number each, row * size + place: numbers sort several times faster than pairs.
      const wanted = Float64Array.from({ length: size }, (_, i) => rowAt(first + i) * size + i).sort();
      const rowOf = (entry: number) => Math.floor(wanted[entry] / size);
      const placeOf = (entry: number) => first + (wanted[entry] % size);
      const runs = runsOf(size, rowOf, maxRows);
      const longest = runs.reduce((rows, run) => Math.max(rows, run.rows), 0);

      const lane = async () => {
        const scratch = new Uint8Array(longest * rowBytes);
        const copy = floatCopier(dtype, viewAs(dtype, scratch));
        for (let run = runs.pop(); run !== undefined; run = runs.pop()) {
          await readSpan(handle, scratch, run.rows * rowBytes, byteOffset + run.firstRow * rowBytes, path);
          for (let entry = run.from; entry < run.to; entry++) {
            const row = rowOf(entry);
            const at = placeOf(entry) * dModel;
            copy((row - run.firstRow) * dModel, dModel, out, at);
            checkFinite(outBits, at, row, matrix);
          }
        }
      };
      await Promise.all(Array.from({ length: Math.min(LANES, runs.length) }, lane));
    }
  };
}

/** Joins wanted rows that follow each other in the file, up to `maxRows` a run. */
function runsOf(count: number, rowOf: (entry: number) => number, maxRows: number): Run[] {
  const runs: Run[] = [];
  for (let from = 0; from < count; ) {
    const firstRow = rowOf(from);
    let lastRow = firstRow;
    let to = from + 1;
    for (; to < count && rowOf(to) <= lastRow + 1 && rowOf(to) - firstRow < maxRows; to++) lastRow = rowOf(to);
    runs.push({ from, to, firstRow, rows: lastRow - firstRow + 1 });
    from = to;
  }
  return runs;
}

/** As `readFully`, by the callback interface of `fs`, which costs a fifth of the promise interface for small reads. */
function readSpan(handle: FileHandle, out: Uint8Array, bytes: number, position: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (done: number) => {
      if (done === bytes) return resolve();
      read(handle.fd, out, done, bytes - done, position + done, (cause, bytesRead) => {
        if (cause) reject(new SaeError("read_failed", `read ${path}: ${cause.message}`, { cause }));
        else if (bytesRead === 0) reject(truncated(`read ${path}`, position + bytes, position + done));
        else next(done + bytesRead);
      });
    };
    next(0);
  });
}

const bitsOf = (values: Float32Array): Uint32Array => new Uint32Array(values.buffer, values.byteOffset, values.length);

/** NaN and infinities are the floats with all exponent bits set: adding one to the exponent then carries into the sign bit. */
function checkFinite(bits: Uint32Array, at: number, row: number, { path, dModel }: Matrix): void {
  let carry = 0;
  for (let i = at; i < at + dModel; i++) carry |= (bits[i] & 0x7fffffff) + 0x00800000;
  if (carry >= 0) return;
  let column = 0;
  while ((bits[at + column] & 0x7f800000) !== 0x7f800000) column++;
  throw new SaeError(
    "non_finite",
    `read ${path}: needed finite activations, got NaN or infinity in row ${row}, column ${column}; remove the row, or store it in a wider type`,
  );
}

async function sha256(handle: FileHandle, path: string): Promise<string> {
  const digest = createHash("sha256");
  const chunk = new Uint8Array(4 * READ_BYTES);
  const { size } = await handle.stat();
  for (let position = 0; position < size; position += chunk.length) {
    const piece = chunk.subarray(0, Math.min(chunk.length, size - position));
    await readFully(handle, piece, position, `hash ${path}`);
    digest.update(piece);
  }
  return digest.digest("hex");
}
