/*
 * Sums of scaled rows, Σ_{i: key_i = c} v_i · T[partner_i], are what decoding (keys are rows) and the decoder's gradient (keys are columns) both
 * consist of. Entries of equal key are put next to each other in groups of `groupWidth`, the last one filled up with zeros: a group is then one
 * small matrix product, [1, width] · [width, n], instead of a pass for scaling and one for adding every row of n, and only the sums of groups
 * are added to the table.
 *
 *   key     what entries are collected by, [0, keyCount)      partner  the entry's other index, a row of T
 *   place   an entry's position among groups · width          nnz      entries
 */
import type { LowerContext } from "../lowerContext.js";
import { float32, int64 } from "../tensorType.js";
import { chunkCount } from "./chunks.js";
import { type PatternAttrs, unsqueeze } from "./pattern.js";

/** Entries of a group: few are filled up, and the sums that remain to be added are few. */
const groupWidth = 8;

/** The number of groups is a multiple of this and not 0, by groups without an entry: it can be cut into equal chunks. */
const blockGroups = 64;

/** Entries in groups of equal key. */
export interface Groups {
  readonly keyCount: number;
  /** int64 [groups · width]: number of the entry in each place, nnz where there is none. The last groups may be empty. */
  readonly entry: string;
  /** int64 [groups, width]: 0 where there is none. */
  readonly partner: string;
  /** int64 [groups] */
  readonly key: string;
  /** int64 [nnz]: place of each entry. */
  readonly place: string;
  /** int64 [keyCount + 1]: number of groups before each key's, and of all. */
  readonly before: string;
}

const scalar = (context: LowerContext, value: number): string => context.constant("int64", [], [value]);

/** 0, 1, … as many as `like` [nnz] has elements, and that number. */
function numbersLike(context: LowerContext, like: string): { numbers: string; total: string } {
  const total = context.emit("Gather", [context.emit("Shape", [like]), scalar(context, 0)]);
  return { numbers: context.emit("Range", [scalar(context, 0), total, scalar(context, 1)]), total };
}

/** The entries of a flat pattern in groups of equal row. */
export const byRow = (context: LowerContext, col: string, row: string, { batch, sorted }: PatternAttrs): Groups =>
  grouped(context, `rows|${col}|${row}`, batch as number, () => ({ keys: row, partners: col, sorted }));

/** The entries of a pattern in groups of equal column; `k` entries to a row in the rows layout. */
export const byColumn = (
  context: LowerContext,
  col: string,
  row: string | undefined,
  k: number,
  { dSae }: PatternAttrs,
): Groups =>
  grouped(context, `columns|${col}|${row}`, dSae, () => {
    if (row) return { keys: col, partners: row };
    const keys = context.emit("Reshape", [col, context.ints(-1)]);
    const { numbers } = numbersLike(context, keys);
    return { keys, partners: context.emit("Div", [numbers, scalar(context, Math.max(1, k))]) };
  });

interface Entries {
  /** int64 [nnz] */
  readonly keys: string;
  /** int64 [nnz] */
  readonly partners: string;
  /** The keys ascend already. */
  readonly sorted?: boolean | undefined;
}

/** Puts entries into groups; written once for all the products that use the same entries. */
function grouped(context: LowerContext, name: string, keyCount: number, entries: () => Entries): Groups {
  const names = context.once(`groups|${name}|${keyCount}`, () => group(context, keyCount, entries()));
  const [entry, partner, key, place, before] = names as [string, string, string, string, string];
  return { keyCount, entry, partner, key, place, before };
}

function group(context: LowerContext, keyCount: number, { keys, partners, sorted }: Entries): string[] {
  const { numbers, total } = numbersLike(context, keys);
  const { ascending, order } = sorted
    ? { ascending: keys, order: numbers }
    : sortedKeys(context, keys, keyCount, total);
  const ones = context.emit("Expand", [context.constant("float32", [], [1]), context.emit("Shape", [keys])]);
  const none = context.emit("ConstantOfShape", [context.ints(keyCount)]);
  // Counts are exact: a key has fewer than 2²⁴ entries.
  const counted = context.emit("ScatterND", [none, unsqueeze(context, keys, 1), ones], { reduction: "add" });
  const count = context.emit("Cast", [counted], { to: 7 }); // [keyCount]
  const width = scalar(context, groupWidth);
  const rounded = context.emit("Add", [count, scalar(context, groupWidth - 1)]);
  const groupsOf = context.emit("Div", [rounded, width]); // [keyCount]
  const sumBefore = (of: string) => context.emit("CumSum", [of, scalar(context, 0)], { exclusive: 1 });
  const firstGroup = sumBefore(groupsOf);
  const used = context.emit("ReduceSum", [groupsOf, context.ints(0)], { keepdims: 1 }); // [1]
  const fewest = context.emit("Max", [used, context.ints(1)]);
  const blocks = context.emit("Div", [
    context.emit("Add", [fewest, context.ints(blockGroups - 1)]),
    context.ints(blockGroups),
  ]);
  const groups = context.emit("Mul", [blocks, context.ints(blockGroups)]); // [1]
  const shift = context.emit("Sub", [context.emit("Mul", [firstGroup, width]), sumBefore(count)]); // [keyCount]
  const places = context.emit("Add", [context.emit("Gather", [shift, ascending]), numbers]); // [nnz], keys ascending
  const filled = (value: string, size: string, at: string, values: string) =>
    context.emit("ScatterND", [context.emit("Expand", [value, size]), unsqueeze(context, at, 1), values]);
  const entry = filled(total, context.emit("Mul", [groups, width]), places, order);
  const others = context.emit("Concat", [partners, context.ints(0)], { axis: 0 });
  return [
    entry,
    context.emit("Reshape", [context.emit("Gather", [others, entry]), context.ints(-1, groupWidth)]),
    filled(scalar(context, 0), groups, context.emit("Div", [places, width]), ascending),
    sorted ? places : context.emit("ScatterND", [numbers, unsqueeze(context, order, 1), places]),
    context.emit("Concat", [firstGroup, used], { axis: 0 }),
  ];
}

/** Keys in ascending order and where each stood; equal keys keep their order. */
function sortedKeys(context: LowerContext, keys: string, keyCount: number, total: string) {
  // onnxruntime's TopK ends the process when there is nothing to sort: one more key, the largest, is sorted and dropped.
  const padded = context.emit("Concat", [keys, context.ints(keyCount)], { axis: 0 });
  const size = context.emit("Add", [total, context.ints(1)]);
  const [ascending, order] = context
    .emitMany("TopK", [padded, size], 2, { axis: 0, largest: 0, sorted: 1 })
    .map((name) => context.emit("Slice", [name, context.ints(0), context.ints(-1), context.ints(0)])) as [
    string,
    string,
  ];
  return { ascending, order };
}

/** How many keys a range has, so that the rows gathered for one range fit the cache: a divisor of their number where there is one near. */
function rangeOf(keyCount: number, nnz: number, n: number): number {
  const most = Math.ceil(keyCount / chunkCount(nnz, n, { most: keyCount }));
  for (let size = most; size > most / 2; size--) if (keyCount % size === 0) return size;
  return most;
}

/**
 * Σ_{i: key_i = c} v_i · table[partner_i] for each key: [keyCount, n].
 *
 * @param values [nnz]
 * @param nnz how many entries there are, or are expected
 */
export function sumByKey(
  context: LowerContext,
  { keyCount, entry, partner, key, before }: Groups,
  values: string,
  table: string,
  nnz: number,
  n: number,
): string {
  const padded = context.emit("Concat", [values, context.constant("float32", [1], [0])], { axis: 0 });
  const scales = context.emit("Reshape", [context.emit("Gather", [padded, entry]), context.ints(-1, 1, groupWidth)]);
  const size = rangeOf(keyCount, nnz, n);
  const starts = Array.from({ length: Math.ceil(keyCount / size) }, (_, i) => i * size);
  const inRange = context.emit("Reshape", [context.emit("Mod", [key, scalar(context, size)]), context.ints(-1, 1, 1)]);
  const bounds = (keys: number[]) =>
    context.emit("Gather", [before, context.constant("int64", [keys.length, 1], keys)], { axis: 0 }); // [ranges, 1]
  const row = int64(1);
  // A range of keys is added up in a small table of its own: nothing large is copied, and all of it stays in the cache.
  const [tables] = context.forEachRow(
    [
      { name: bounds(starts), row },
      { name: bounds(starts.map((start) => Math.min(start + size, keyCount))), row },
    ],
    [float32(size, n)],
    (inside, [start, end]) => {
      const take = (name: string) => inside.emit("Slice", [name, start as string, end as string, inside.ints(0)]);
      const rows = inside.emit("Gather", [table, take(partner)], { axis: 0 }); // [groups, width, n]
      const sums = inside.emit("MatMul", [take(scales), rows]); // [groups, 1, n]
      const zeros = inside.emit("ConstantOfShape", [inside.ints(size, n)]);
      return [inside.emit("ScatterND", [zeros, take(inRange), sums], { reduction: "add" })];
    },
  ) as [string];
  const all = context.emit("Reshape", [tables, context.ints(-1, n)]);
  if (starts.length * size === keyCount) return all;
  return context.emit("Slice", [all, context.ints(0), context.ints(keyCount), context.ints(0)]);
}

/** ⟨a[key_i], table[partner_i]⟩ for each entry: [nnz]. */
export function dotByKey(
  context: LowerContext,
  { partner, key, place }: Groups,
  a: string,
  table: string,
  nnz: number,
  n: number,
): string {
  const chunks = 2 ** Math.min(Math.log2(blockGroups), Math.round(Math.log2(chunkCount(nnz, n))));
  const size = `${partner}/${chunks}`; // a name for the groups of a chunk: no other dimension may have it
  const [dots] = context.forEachRow(
    [
      {
        name: context.emit("Reshape", [partner, context.ints(chunks, -1, groupWidth)]),
        row: int64(size, groupWidth),
      },
      { name: context.emit("Reshape", [key, context.ints(chunks, -1)]), row: int64(size) },
    ],
    [float32(size, groupWidth, 1)],
    (inside, [partners, keys]) => {
      const rows = inside.emit("Gather", [table, partners as string], { axis: 0 }); // [groups, width, n]
      const left = unsqueeze(inside, inside.emit("Gather", [a, keys as string], { axis: 0 }), 2); // [groups, n, 1]
      return [inside.emit("MatMul", [rows, left])]; // [groups, width, 1]
    },
  ) as [string];
  return context.emit("Gather", [context.emit("Reshape", [dots, context.ints(-1)]), place]);
}
