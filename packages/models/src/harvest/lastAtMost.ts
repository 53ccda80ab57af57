/**
 * Index of the last element that is not larger than a value.
 *
 * @param sorted ascending, the first one at most `value`
 */
export function lastAtMost(sorted: ArrayLike<number>, value: number): number {
  let [low, high] = [0, sorted.length]; // sorted[low] <= value < sorted[high]
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] <= value) low = middle;
    else high = middle;
  }
  return low;
}
