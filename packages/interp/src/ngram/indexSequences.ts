import { type TokenTest, testsOf } from "./tokenTest.js";

/**
 * Sequences laid end to end, with the tests that each token passes as numbers. A place is a number in [0, places).
 */
export interface SequenceIndex {
  readonly sequences: number;
  /** Sequence of each place [places], and the place that it begins with [places]. */
  readonly sequenceOf: Int32Array;
  readonly startOf: Int32Array;
  /** Tests by their number. */
  readonly tests: readonly TokenTest[];
  /** Tests that the token at each place passes, from the special to the general. */
  readonly passed: readonly (readonly number[])[];
  /** Places that pass each test, ascending. */
  readonly placesOf: readonly (readonly number[])[];
}

/** @param sequences their tokens */
export function indexSequences(sequences: readonly (readonly string[])[]): SequenceIndex {
  const tokens = sequences.flat();
  const [sequenceOf, startOf] = [new Int32Array(tokens.length), new Int32Array(tokens.length)];
  let start = 0;
  sequences.forEach(({ length }, sequence) => {
    sequenceOf.fill(sequence, start, start + length);
    startOf.fill(start, start, start + length);
    start += length;
  });
  const tests: TokenTest[] = [];
  const numbers = new Map<string, number>();
  const placesOf: number[][] = [];
  const numberOf = (test: TokenTest): number => {
    const name = `${test.kind} ${test.text}`;
    const known = numbers.get(name);
    if (known !== undefined) return known;
    numbers.set(name, tests.length);
    placesOf.push([]);
    return tests.push(test) - 1;
  };
  const ofToken = new Map<string, readonly number[]>();
  const passed = tokens.map((token, place) => {
    const found = ofToken.get(token) ?? testsOf(token).map(numberOf);
    ofToken.set(token, found);
    for (const test of found) placesOf[test].push(place);
    return found;
  });
  return { sequences: sequences.length, sequenceOf, startOf, tests, passed, placesOf };
}
