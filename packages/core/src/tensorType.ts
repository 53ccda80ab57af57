import { SaeError } from "./error.js";

/** Element types of symbolic tensors. `bool` crosses to JavaScript as `Uint8Array`, `int64` as `BigInt64Array`. */
export type DType = "float32" | "float16" | "int64" | "bool";

/**
 * One dimension: a number when the graph is built for one size, a name when the size is known only at run time
 * (batch, sequence, number of active latents). Two symbolic dimensions are equal exactly when their names are.
 */
export type Dim = number | string;
/** Dimensions, outermost first. */
export type Shape = readonly Dim[];

/** Element type and shape of a symbolic tensor. */
export interface TensorType {
  readonly dtype: DType;
  readonly shape: Shape;
}

const typeOf =
  (dtype: DType) =>
  (...shape: Dim[]): TensorType => ({ dtype, shape });

/** `float32("batch", 64)`: the type of a float32 matrix with a symbolic and a fixed dimension. */
export const float32 = typeOf("float32");
/** A float16 type: see `float32`. */
export const float16 = typeOf("float16");
/** An int64 type: see `float32`. */
export const int64 = typeOf("int64");
/** A bool type: see `float32`. */
export const bool = typeOf("bool");

/** `[batch, 64]`, as it stands in every error message. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** Element type and shape, as they stand in every error message. */
export const formatType = (type: TensorType): string => `${type.dtype}${formatShape(type.shape)}`;

export const sameShape = (a: Shape, b: Shape): boolean => a.length === b.length && a.every((dim, i) => dim === b[i]);

export const sameType = (a: TensorType, b: TensorType): boolean => a.dtype === b.dtype && sameShape(a.shape, b.shape);

/** True when every dimension is a number. */
export const isStatic = (shape: Shape): shape is readonly number[] => shape.every((dim) => typeof dim === "number");

/** The dimensions as numbers; an error that names the operation when one is symbolic. */
export function staticShape(shape: Shape, where: string): readonly number[] {
  if (!isStatic(shape)) {
    throw new SaeError(
      "symbolic_dim",
      `${where}: needed sizes known when the graph is built, got ${formatShape(shape)}; build the program with numbers there`,
    );
  }
  return shape;
}

/** Number of elements of a static shape. */
export const sizeOf = (shape: readonly number[]): number => shape.reduce((product, dim) => product * dim, 1);

/** A shape error in the house style: operation, what it needed, what it got. */
export function shapeError(operation: string, needed: string, got: readonly TensorType[] | string): SaeError {
  const found = typeof got === "string" ? got : got.map(formatType).join(" and ");
  return new SaeError("shape_mismatch", `${operation}: needed ${needed}, got ${found}`);
}

/** Numpy-style broadcast of two or more shapes; symbolic dimensions match their own name and 1. */
export function broadcastShapes(operation: string, ...shapes: Shape[]): Shape {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    let result: Dim = 1;
    for (const shape of shapes) {
      const dim = shape[axis - rank + shape.length] ?? 1;
      if (dim === 1 || dim === result) continue;
      if (result !== 1) {
        throw shapeError(
          operation,
          "shapes that broadcast (equal or 1, from the right)",
          shapes.map(formatShape).join(" and "),
        );
      }
      result = dim;
    }
    return result;
  });
}

/** `-1` counts from the end; out of range is an error that names the operation. */
export function normalizeAxis(operation: string, axis: number, rank: number): number {
  const resolved = axis < 0 ? axis + rank : axis;
  if (!Number.isInteger(resolved) || resolved < 0 || resolved >= rank) {
    throw shapeError(operation, `an axis in [${-rank}, ${rank - 1}]`, `${axis}`);
  }
  return resolved;
}
