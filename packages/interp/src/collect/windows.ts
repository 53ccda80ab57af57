/*
 * Windows of tokens: rows of a context whose positions follow each other.
 *
 *   position  0 1 2 3 4 5 6 7 8 9      B begins a text: it has no activation
 *   token     B a a a a B b b b b
 *   row         0 1 2 3   4 5 6 7      runs [0, 4) and [4, 8)
 */

/** Rows from `start` to before `end`. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** For each row the run of neighbouring positions that it is in. */
export function runsOf(positions: ArrayLike<number>): Window[] {
  const runs: Window[] = [];
  for (let start = 0; start < positions.length; ) {
    let end = start + 1;
    while (end < positions.length && positions[end] === positions[end - 1] + 1) end++;
    const run = { start, end };
    for (; start < end; start++) runs.push(run);
  }
  return runs;
}

/** The window of `length` rows around a row; nearer to an end of its run, and as long. A run that is shorter is the whole window. */
export function windowAround(row: number, run: Window, length: number): Window {
  const first = Math.min(row - Math.floor(length / 2), run.end - length);
  const start = Math.max(run.start, first);
  return { start, end: Math.min(run.end, start + length) };
}

export const overlap = (a: Window, b: Window): boolean => a.start < b.end && b.start < a.end;
