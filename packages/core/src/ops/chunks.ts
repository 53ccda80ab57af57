import type { LowerContext } from "../lowerContext.js";
import type { Dim } from "../tensorType.js";

/** Bytes of gathered rows that one chunk may hold: a part of a core's cache, large enough for few nodes. */
const chunkBytes = 2 << 20;

/**
 * How many chunks to gather `rows` rows of `width` floats in: all of a chunk's steps find it in the cache.
 * @param table floats of the table that each chunk is added to, where there is one: onnxruntime copies it whole each time, so that chunks must be large
 * beside tables that do not fit the cache either
 */
export function chunkCount(rows: number, width: number, { most = 128, table = 0 } = {}): number {
  const bytes = table * 4 > chunkBytes ? 16 * table : chunkBytes;
  return Math.max(1, Math.min(most, Math.floor(rows), Math.round((rows * width * 4) / bytes)));
}

/** [start, end) of each of `parts` near-equal pieces. */
export const cut = (count: number, parts: number): [number, number][] =>
  Array.from({ length: parts }, (_, i) => [Math.floor((count * i) / parts), Math.floor((count * (i + 1)) / parts)]);

/** Cuts the first axis of tensors of equal length: at fixed places when the length is known, else at fractions of the run-time length. */
export function cutAxis(
  context: LowerContext,
  count: Dim,
  parts: number,
  sizeSource: string,
): ((name: string) => string)[] {
  if (parts === 1) return [(name) => name];
  const slice = (start: string, end: string) => (name: string) =>
    context.emit("Slice", [name, start, end, context.ints(0)]);
  if (typeof count === "number")
    return cut(count, parts).map(([start, end]) => slice(context.ints(start), context.ints(end)));
  const total = context.emit("Gather", [context.emit("Shape", [sizeSource]), context.ints(0)]);
  const bounds = Array.from({ length: parts + 1 }, (_, i) =>
    context.emit("Div", [context.emit("Mul", [total, context.ints(i)]), context.ints(parts)]),
  );
  return Array.from({ length: parts }, (_, i) => slice(bounds[i] as string, bounds[i + 1] as string));
}

/** The parts one after the other along the first axis. */
export const join = (context: LowerContext, parts: readonly string[]): string =>
  parts.length === 1 ? (parts[0] as string) : context.emit("Concat", parts, { axis: 0 });
