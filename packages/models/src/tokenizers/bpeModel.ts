import type { Alphabet } from "./alphabet.js";
import { type MergeTable, mergeBpe } from "./mergeBpe.js";

/** Tokens, token i for units [starts[i], ends[i]) of a text. */
export interface TokenRun {
  readonly ids: number[];
  readonly starts: number[];
  readonly ends: number[];
}

/** What a byte pair encoding consists of. */
export interface BpeParts {
  readonly alphabet: Alphabet;
  readonly table: MergeTable;
  /** Tokens for symbols that only exist between merges, when one of them is left. */
  readonly leftOver?: ReadonlyMap<number, readonly number[]>;
  /** Words that are one token whatever the merges say. */
  readonly whole?: ReadonlyMap<string, number> | null;
  /** Whether two neighbouring code points can become part of one token. When this is left out, all can. */
  readonly mayJoin?: (left: number, right: number) => boolean;
  /** Token whose neighbours of the same kind in a word become one, null when they stay apart. */
  readonly fused?: number | null;
}

const cachedUnits = 48;
const cachedChunks = 1 << 16;

/**
 * Encodes words [start, end) of a text, appending to a run.
 *
 * A word is first cut wherever two characters stand side by side that no token holds side by side: no merge reaches over such a place, and
 * what lies between two of them is short and often seen before, so that its tokens are remembered. Without this, a tokenizer that takes a
 * whole document for one word would merge all of it in one heap.
 */
export function bpeModel({ alphabet, table, leftOver, whole, mayJoin, fused = null }: BpeParts) {
  const cache = new Map<string, TokenRun>();

  const encodeChunk = (chunk: string): TokenRun => {
    const known = cache.get(chunk);
    if (known) return known;
    const { ids, starts, ends } = alphabet(chunk);
    const { symbols, firsts } = mergeBpe(ids, table);
    const run: TokenRun = { ids: [], starts: [], ends: [] };
    for (const [index, symbol] of symbols.entries()) {
      const last = (index + 1 < firsts.length ? firsts[index + 1] : ids.length) - 1;
      for (const id of leftOver?.get(symbol) ?? [symbol]) append(run, id, starts[firsts[index]], ends[last]);
    }
    if (chunk.length <= cachedUnits) {
      if (cache.size === cachedChunks) cache.clear();
      // A slice would keep the whole document in memory; a copy does not.
      cache.set(JSON.parse(JSON.stringify(chunk)), run);
    }
    return run;
  };

  return (text: string, start: number, end: number, out: TokenRun): void => {
    const wholeId = whole?.get(text.slice(start, end));
    if (wholeId !== undefined) {
      append(out, wholeId, start, end);
      return;
    }
    const before = out.ids.length;
    const encode = (from: number, to: number) => {
      const { ids, starts, ends } = encodeChunk(text.slice(from, to));
      for (let index = 0; index < ids.length; index++) {
        const count = out.ids.length;
        if (ids[index] === fused && count > before && out.ids[count - 1] === fused) {
          out.ends[count - 1] = from + ends[index];
        } else {
          append(out, ids[index], from + starts[index], from + ends[index]);
        }
      }
    };
    let from = start;
    if (mayJoin) {
      let left = -1;
      for (let at = start; at < end; ) {
        const right = text.codePointAt(at) as number;
        if (left >= 0 && !mayJoin(left, right)) {
          encode(from, at);
          from = at;
        }
        left = right;
        at += right > 0xffff ? 2 : 1;
      }
    }
    if (from < end) encode(from, end);
  };
}

function append({ ids, starts, ends }: TokenRun, id: number, start: number, end: number): void {
  ids.push(id);
  starts.push(start);
  ends.push(end);
}

/** Whether two code points stand side by side in any of the pieces. */
export function neighboursIn(pieces: Iterable<string>): (left: number, right: number) => boolean {
  const ascii = new Uint8Array(128 * 128);
  const others = new Set<number>();
  for (const piece of pieces) {
    let left = -1;
    for (const character of piece) {
      const right = character.codePointAt(0) as number;
      if (left >= 0) {
        if (left < 128 && right < 128) ascii[left * 128 + right] = 1;
        else others.add(left * 0x110000 + right);
      }
      left = right;
    }
  }
  return (left, right) =>
    left < 128 && right < 128 ? ascii[left * 128 + right] === 1 : others.has(left * 0x110000 + right);
}
