import { SaeError } from "./error.js";
import { fold, type Key, sequence } from "./random.js";
import { threefry } from "./threefry.js";

const ROUNDS = 8;
// A Feistel network of so few elements has too few distinct rounds to make all orders equally likely.
const SMALL = 256;

/**
 * A random bijection of [0, n), evaluated anywhere in constant time and memory: a shuffle of a data set of any size
 * that can be entered at any position.
 *
 * The index is split into two digits in base ⌈√n⌉; each round adds a keyed hash of one digit to the other (a Feistel
 * network), and an index that lands outside [0, n) goes round again until it is inside (cycle walking; rare, because
 * the digits span hardly more than n). Up to 256 elements it is a shuffled table.
 *
 * Source: Black, Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002.
 *
 * @param key stream
 * @param n size of the set, 0 to 2^32
 * @returns the image of an index; the function throws SaeError `out_of_range` for what is no whole number in [0, n)
 * @throws SaeError `out_of_range` for other n
 */
export function keyedPermutation(key: Key, n: number): (index: number) => number {
  if (!Number.isSafeInteger(n) || n < 0 || n > 2 ** 32) {
    throw new SaeError("out_of_range", `keyedPermutation: needed a size from 0 to 2^32, got ${n}`);
  }
  const image = n <= SMALL ? shuffledTable(key, n) : feistel(key, n);
  return (index) => {
    if (!(Number.isInteger(index) && index >= 0 && index < n)) {
      const needed = n === 0 ? "the set is empty" : `needed a whole number from 0 to ${n - 1}`;
      throw new SaeError("out_of_range", `permutation of ${n}: ${needed}, got ${index}`);
    }
    return image(index);
  };
}

/**
 * Image of one index under {@link keyedPermutation}. For many indices keep the function that `keyedPermutation` returns.
 *
 * @throws SaeError `out_of_range` unless 0 <= index < n <= 2^32, index a whole number
 */
export function permutedIndex(key: Key, n: number, index: number): number {
  return keyedPermutation(key, n)(index);
}

/**
 * All of {@link keyedPermutation} as an array: element i is the image of i.
 *
 * @throws SaeError `out_of_range` for n outside [0, 2^32]
 */
export function permutation(key: Key, n: number): Uint32Array {
  const image = keyedPermutation(key, n);
  const out = new Uint32Array(n);
  for (let i = 0; i < n; i++) out[i] = image(i);
  return out;
}

function feistel(key: Key, n: number): (index: number) => number {
  const lowSize = Math.ceil(Math.sqrt(n));
  const highSize = Math.ceil(n / lowSize);
  const roundKeys = new Uint32Array(ROUNDS);
  const [key0, key1] = fold(key, "permutation");
  for (let round = 0; round < ROUNDS; round += 2) threefry(key0, key1, round, 0, roundKeys, round);

  return (index) => {
    let image = index;
    do {
      let high = Math.floor(image / lowSize);
      let low = image - high * lowSize;
      for (let round = 0; round < ROUNDS; round += 2) {
        low += hashBelow(lowSize, high ^ roundKeys[round]);
        if (low >= lowSize) low -= lowSize;
        high += hashBelow(highSize, low ^ roundKeys[round + 1]);
        if (high >= highSize) high -= highSize;
      }
      image = high * lowSize + low;
    } while (image >= n);
    return image;
  };
}

/** Hash of a uint32 scaled to a whole number in [0, size): the finaliser of MurmurHash3, then a multiplication. */
function hashBelow(size: number, word: number): number {
  let h = word ^ (word >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h ^= h >>> 13;
  h = Math.imul(h, 0xc2b2ae35);
  h ^= h >>> 16;
  return Math.floor((h >>> 0) * size * 2 ** -32);
}

/** Fisher–Yates shuffle. */
function shuffledTable(key: Key, n: number): (index: number) => number {
  const table = Uint32Array.from({ length: n }, (_, i) => i);
  const next = sequence(fold(key, "permutation"));
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1) * 2 ** -32);
    const swapped = table[i];
    table[i] = table[j];
    table[j] = swapped;
  }
  return (index) => table[index];
}
