/**
 * The elements of a result as plain numbers, in row-major order. Whole numbers from int64 are exact up to 2^53; float16
 * comes as its bits, of which `decodeFloat16` makes numbers.
 *
 * @example
 * const { y } = await program.run({ x });
 * toNumbers(y); // [1, 2, 3]
 */
export const toNumbers = ({ data }: { readonly data: ArrayLike<number> | ArrayLike<bigint> }): number[] =>
  Array.from(data as ArrayLike<number | bigint>, Number);
