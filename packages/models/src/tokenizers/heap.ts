/**
 * A heap of numbers in an array: the smallest is taken first. Plain functions over a plain array, because merging takes most of its time here.
 */

/** Puts a number in. */
export function pushHeap(heap: number[], key: number): void {
  let at = heap.length;
  heap.push(key);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (heap[parent] <= key) break;
    heap[at] = heap[parent];
    at = parent;
  }
  heap[at] = key;
}

/** Takes the smallest number out of a heap that is not empty. */
export function popHeap(heap: number[]): number {
  const top = heap[0];
  const key = heap.pop() as number;
  const size = heap.length;
  if (size === 0) return top;
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= size) break;
    if (child + 1 < size && heap[child + 1] < heap[child]) child++;
    if (heap[child] >= key) break;
    heap[at] = heap[child];
    at = child;
  }
  heap[at] = key;
  return top;
}
