/*
 * Elementary functions out of +, −, × and ÷ only.
 *
 * IEEE 754 fixes the results of those to the last bit. It does not fix log, exp, sin and cos, and JavaScript engines (and
 * versions of one engine) do differ there. Random streams built on these functions are the same bits on any machine.
 * Each is an exact range reduction followed by a power series, within a few units in the last place. The series are
 * summed in pairs of pairs (Estrin) because a Horner chain would wait for every multiplication.
 */

// ln 2 = LN2_HIGH + LN2_LOW, where LN2_HIGH has 32 bits, so that k * LN2_HIGH is exact for every binary exponent k.
const LN2_HIGH = 2977044471 / 4294967296;
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_HALF_HIGH_WORD = 0x3fe6a09e;
const TWO_PI = 6.283185307179586;

const LOWEST_EXPONENT = -1024;
const POWERS_OF_TWO = powersOfTwo();

const float64 = new Float64Array(1);
const words = new Uint32Array(float64.buffer); // words[1]: sign, 11 exponent bits, top 20 mantissa bits

/**
 * Natural logarithm, bit-identical on every machine.
 *
 * @param x positive, finite and not subnormal
 */
export function portableLog(x: number): number {
  // x = m * 2^exponent with m in [sqrt(1/2), sqrt(2)): the exponent bits, rounded down at sqrt(1/2) instead of at 1/2
  float64[0] = x;
  const exponent = (words[1] - SQRT_HALF_HIGH_WORD) >> 20;
  words[1] -= exponent << 20; // division by 2^exponent, which need not be a normal number
  const m = float64[0];
  // ln m = 2 artanh(s) = 2 (s + s^3/3 + s^5/5 + ...), |s| <= 0.1716
  const s = (m - 1) / (m + 1);
  const z = s * s;
  const z2 = z * z;
  const z4 = z2 * z2;
  const low = 1 / 3 + z * (1 / 5) + z2 * (1 / 7 + z * (1 / 9));
  const middle = 1 / 11 + z * (1 / 13) + z2 * (1 / 15 + z * (1 / 17));
  const high = 1 / 19 + z * (1 / 21) + z2 * (1 / 23);
  const series = low + z4 * (middle + z4 * high);
  return exponent * LN2_HIGH + (2 * s + (2 * s * z * series + exponent * LN2_LOW));
}

/**
 * Exponential function, bit-identical on every machine.
 *
 * @param x finite; above 709 the result is `Infinity`, below -708 it is 0
 */
export function portableExp(x: number): number {
  if (x > 709) return Number.POSITIVE_INFINITY;
  if (x < -708) return 0;
  // x = k ln 2 + r with |r| <= ln(2)/2
  const k = Math.floor(x * (1 / LN2_HIGH) + 0.5);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // exp r = 1 + r + r^2 (1/2! + r/3! + ... + r^11/13!)
  const r2 = r * r;
  const r4 = r2 * r2;
  const low = 1 / 2 + r * (1 / 6) + r2 * (1 / 24 + r * (1 / 120));
  const middle = 1 / 720 + r * (1 / 5040) + r2 * (1 / 40320 + r * (1 / 362880));
  const high = 1 / 3628800 + r * (1 / 39916800) + r2 * (1 / 479001600 + r * (1 / 6227020800));
  const series = low + r4 * (middle + r4 * high);
  return (1 + (r + r2 * series)) * POWERS_OF_TWO[k - LOWEST_EXPONENT];
}

/**
 * Cosine and sine of an angle given in turns, bit-identical on every machine.
 *
 * @param turns angle / 2π, in [0, 1]
 * @param out out[0] becomes cos(2π turns), out[1] becomes sin(2π turns)
 */
export function portableCosSin(turns: number, out: Float64Array): void {
  // turns = quarter/4 + r with |r| <= 1/8; the subtraction is exact
  const quarter = (4 * turns + 0.5) | 0;
  const r = (turns - quarter * 0.25) * TWO_PI;
  const z = r * r;
  const z2 = z * z;
  const z4 = z2 * z2;
  // sin r = r - r^3 (1/3! - r^2/5! + ...), cos r = 1 - r^2 (1/2! - r^2/4! + ...), up to the power 17
  const sinLow = 1 / 6 - z * (1 / 120) + z2 * (1 / 5040 - z * (1 / 362880));
  const sinHigh = 1 / 39916800 - z * (1 / 6227020800) + z2 * (1 / 1307674368000 - z * (1 / 355687428096000));
  const sin = r - r * z * (sinLow + z4 * sinHigh);
  const cosLow = 1 / 2 - z * (1 / 24) + z2 * (1 / 720 - z * (1 / 40320));
  const cosHigh = 1 / 3628800 - z * (1 / 479001600) + z2 * (1 / 87178291200 - z * (1 / 20922789888000));
  const cos = 1 - z * (cosLow + z4 * cosHigh);
  // turn back by the whole quarters
  const odd = (quarter & 1) === 1;
  const c = odd ? sin : cos;
  const s = odd ? cos : sin;
  const turned = quarter & 3;
  out[0] = turned === 1 || turned === 2 ? -c : c;
  out[1] = turned >= 2 ? -s : s;
}

/** 2^k for k from -1024 to 1023, exact by repeated doubling and halving. */
function powersOfTwo(): Float64Array {
  const table = new Float64Array(2048);
  table[-LOWEST_EXPONENT] = 1;
  for (let i = -LOWEST_EXPONENT + 1; i < table.length; i++) table[i] = table[i - 1] * 2;
  for (let i = -LOWEST_EXPONENT - 1; i >= 0; i--) table[i] = table[i + 1] / 2;
  return table;
}
