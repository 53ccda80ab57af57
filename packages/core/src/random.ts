/*
 * Keyed random streams. There is no generator state: element i of a stream is a function of (key, i), and a key is
 * derived from a parent key by name. Whatever order things are drawn in, on however many processes, from wherever a
 * run is resumed, the same element of the same stream has the same bits, on any machine.
 *
 *   const root = key(42);
 *   fillNormal(fold(root, "init", "W_dec"), weights);
 *   const shuffle = keyedPermutation(fold(root, "epoch", 3), rows);
 *
 * Give each use its own folded key: two fills from one key overlap.
 */

import { SaeError } from "./error.js";
import { portableCosSin, portableLog } from "./portableMath.js";
import { threefry } from "./threefry.js";

/** Name of one random stream: two uint32 words. Plain data, safe to write to JSON. */
export type Key = readonly [number, number];

// The upper counter word tells what a block is for, so that no fold can coincide with an element of a stream.
const STREAM = 0;
const SEQUENCE = 0x20000000;
const FOLD_NUMBER = 0x40000000;
const FOLD_STRING = 0x80000000;

const BLOCKS_AT_ONCE = 256;
const TWO_TO_32 = 4294967296;
const TWO_TO_MINUS_32 = 1 / TWO_TO_32;
const TWO_TO_MINUS_24 = 1 / 16777216;
const TWO_TO_MINUS_53 = 1 / 9007199254740992;

/**
 * Key of a seed.
 *
 * @param seed a whole number from 0 to 2^53 - 1, or any string
 * @throws SaeError `bad_seed` for other numbers
 */
export function key(seed: number | string): Key {
  return fold([0, 0], seed);
}

/**
 * Key of an independent sub-stream: `fold(k, "batch", 7)` is `fold(fold(k, "batch"), 7)`. The number 7 and the string
 * "7" give different keys.
 *
 * @param parent key to derive from
 * @param data whole numbers from 0 to 2^53 - 1, or strings
 * @throws SaeError `bad_seed` for other numbers
 */
export function fold(parent: Key, ...data: (number | string)[]): Key {
  const state = new Uint32Array(2);
  state[0] = parent[0];
  state[1] = parent[1];
  for (const datum of data) {
    if (typeof datum === "number") foldNumber(state, datum);
    else foldString(state, datum);
  }
  return [state[0], state[1]];
}

function foldNumber(state: Uint32Array, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new SaeError("bad_seed", `fold: needed a whole number from 0 to 2^53 - 1 or a string, got ${value}`);
  }
  threefry(state[0], state[1], value >>> 0, FOLD_NUMBER | Math.floor(value / TWO_TO_32), state, 0);
}

function foldString(state: Uint32Array, value: string): void {
  const bytes = new TextEncoder().encode(value);
  const padded = new Uint8Array(Math.ceil(bytes.length / 8) * 8);
  padded.set(bytes);
  const view = new DataView(padded.buffer);
  // the length goes first: no string's blocks are the start of another's
  threefry(state[0], state[1], bytes.length, FOLD_STRING, state, 0);
  for (let i = 0; i < padded.length; i += 8) {
    threefry(state[0], state[1], view.getUint32(i, true), view.getUint32(i + 4, true), state, 0);
  }
}

/**
 * Fills with uniform numbers in [0, 1): multiples of 2^-53 in a Float64Array, of 2^-24 in a Float32Array (the two are
 * different streams).
 *
 * @param key stream
 * @param out receives elements `offset`, `offset + 1`, ... of the stream
 * @param offset position in the stream of the first element, a whole number below 2^53
 * @throws SaeError `bad_offset` for other offsets
 */
export function fillUniform<T extends Float32Array | Float64Array>(key: Key, out: T, offset = 0): T {
  return out instanceof Float64Array ? fill(key, out, offset, 1, uniform53) : fill(key, out, offset, 2, uniform24);
}

/**
 * Fills with independent standard normal numbers by the Box–Muller transform of two 32-bit words into two numbers, so
 * no element is beyond ±6.67 standard deviations.
 *
 * @param key stream
 * @param out receives elements `offset`, `offset + 1`, ... of the stream, rounded to its type
 * @param offset position in the stream of the first element, a whole number below 2^53
 * @throws SaeError `bad_offset` for other offsets
 */
export function fillNormal<T extends Float32Array | Float64Array>(key: Key, out: T, offset = 0): T {
  return fill(key, out, offset, 2, boxMuller);
}

/**
 * A fast generator of uint32 words for inner loops whose number of draws is not known in advance (sfc32, a few times
 * faster than {@link fillUniform}). It has state and no way to jump: fold a key for each unit of work.
 *
 * Source: Chris Doty-Humphrey, PractRand, `sfc32` (public domain).
 */
export function sequence(key: Key): () => number {
  const seeds = new Uint32Array(4);
  threefry(key[0], key[1], 0, SEQUENCE, seeds, 0);
  threefry(key[0], key[1], 1, SEQUENCE, seeds, 2);
  let a = seeds[0] | 0;
  let b = seeds[1] | 0;
  let c = seeds[2] | 0;
  let counter = seeds[3] | 0;
  const next = () => {
    const word = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + word) | 0;
    return word >>> 0;
  };
  for (let i = 0; i < 12; i++) next(); // as its author seeds it
  return next;
}

/** Turns the two words of each of the first `blocks` blocks into the one or two numbers of the block. */
type Convert = (words: Uint32Array, blocks: number, values: Float64Array) => void;

const uniform53: Convert = (words, blocks, values) => {
  for (let i = 0; i < blocks; i++) {
    values[i] = ((words[2 * i] >>> 5) * 67108864 + (words[2 * i + 1] >>> 6)) * TWO_TO_MINUS_53;
  }
};

const uniform24: Convert = (words, blocks, values) => {
  for (let i = 0; i < 2 * blocks; i++) values[i] = (words[i] >>> 8) * TWO_TO_MINUS_24;
};

const boxMuller: Convert = (words, blocks, values) => {
  const turn = new Float64Array(2);
  for (let i = 0; i < 2 * blocks; i += 2) {
    const radius = Math.sqrt(-2 * portableLog((words[i] + 1) * TWO_TO_MINUS_32));
    portableCosSin(words[i + 1] * TWO_TO_MINUS_32, turn);
    values[i] = radius * turn[0];
    values[i + 1] = radius * turn[1];
  }
};

/** Elements `offset`, `offset + 1`, ... of the stream that has `perBlock` elements in each block. */
function fill<T extends Float32Array | Float64Array>(
  key: Key,
  out: T,
  offset: number,
  perBlock: 1 | 2,
  convert: Convert,
): T {
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw new SaeError("bad_offset", `random fill: needed an offset from 0 to 2^53 - 1, got ${offset}`);
  }
  const words = new Uint32Array(2 * BLOCKS_AT_ONCE);
  const values = new Float64Array(perBlock * BLOCKS_AT_ONCE);
  let block = Math.floor(offset / perBlock);
  let skip = offset - block * perBlock; // elements of the first block that lie before the offset
  for (let done = 0; done < out.length; ) {
    const blocks = Math.min(BLOCKS_AT_ONCE, Math.ceil((out.length - done + skip) / perBlock));
    for (let i = 0; i < blocks; i++) {
      const counter = block + i;
      threefry(key[0], key[1], counter >>> 0, STREAM | Math.floor(counter * TWO_TO_MINUS_32), words, 2 * i);
    }
    convert(words, blocks, values);
    const count = Math.min(blocks * perBlock - skip, out.length - done);
    out.set(values.subarray(skip, skip + count), done);
    done += count;
    block += blocks;
    skip = 0;
  }
  return out;
}
