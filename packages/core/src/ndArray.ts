import { decodeFloat16 } from "./float16.js";
import { type DType, sizeOf } from "./tensorType.js";

/**
 * A concrete array of the plain reference interpreter: everything in double precision, row-major, booleans as 0 and 1.
 * Slow and obvious on purpose: this is what the ONNX lowering is compared with.
 */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** An array of the reference interpreter from a shape and its elements. */
export const ndArray = (shape: readonly number[], data: ArrayLike<number>): NdArray => ({
  shape,
  data: Float64Array.from(data),
});

/** Elements as they cross to JavaScript, in double precision: a `Uint16Array` holds the bits of float16. */
export const toDoubles = (dtype: DType, data: ArrayLike<number> | ArrayLike<bigint>): Float64Array =>
  dtype === "float16" && data instanceof Uint16Array
    ? Float64Array.from(decodeFloat16(data))
    : Float64Array.from(data as ArrayLike<number | bigint>, Number);

export const zerosNd = (shape: readonly number[]): NdArray => ({ shape, data: new Float64Array(sizeOf(shape)) });

/** Row-major strides; 0 where a dimension of size 1 is broadcast to `target`. */
export function stridesOf(shape: readonly number[], target: readonly number[] = shape): number[] {
  const strides = new Array<number>(target.length).fill(0);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const dim = shape[axis] as number;
    const at = axis + target.length - shape.length;
    strides[at] = dim === 1 && target[at] !== 1 ? 0 : step;
    step *= dim;
  }
  return strides;
}

/** Calls `visit` with every multi-index of `shape` in row-major order. The array passed is reused. */
export function forEachIndex(shape: readonly number[], visit: (index: number[], flat: number) => void): void {
  const index = new Array<number>(shape.length).fill(0);
  const size = sizeOf(shape);
  for (let flat = 0; flat < size; flat++) {
    visit(index, flat);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      index[axis] = 0;
    }
  }
}

export const dotIndex = (index: readonly number[], strides: readonly number[]): number =>
  index.reduce((sum, i, axis) => sum + i * (strides[axis] as number), 0);

/** Broadcasting element-wise map. */
export function mapNd(
  shape: readonly number[],
  arrays: readonly NdArray[],
  fn: (...values: number[]) => number,
): NdArray {
  const strides = arrays.map((array) => stridesOf(array.shape, shape));
  const out = zerosNd(shape);
  forEachIndex(shape, (index, flat) => {
    out.data[flat] = fn(...arrays.map((array, i) => array.data[dotIndex(index, strides[i] as number[])] as number));
  });
  return out;
}

/** Rounds the values to what the element type can hold. */
export function roundTo(dtype: DType, value: number): number {
  if (dtype === "float32") return Math.fround(value);
  if (dtype === "bool") return value === 0 ? 0 : 1;
  return dtype === "int64" ? Math.trunc(value) : value;
}
