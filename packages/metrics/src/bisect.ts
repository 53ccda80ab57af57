/**
 * The root of an increasing function by halving, to the last bit that halving resolves.
 *
 * @param f - increasing, f(low) ≤ 0 ≤ f(high); infinities are allowed
 */
export function bisect(f: (x: number) => number, low: number, high: number): number {
  let a = low;
  let b = high;
  for (;;) {
    const middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) return middle;
    if (f(middle) < 0) a = middle;
    else b = middle;
  }
}
