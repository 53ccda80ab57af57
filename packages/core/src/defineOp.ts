import type { LowerContext } from "./lowerContext.js";
import type { NdArray } from "./ndArray.js";
import { applyOp, type Node, type Tensor } from "./tensor.js";
import type { TensorType } from "./tensorType.js";

/** What a vector-Jacobian product gets: the node it differentiates and the gradients of its outputs. */
export interface VjpArguments<Attrs> {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  /** Gradient of each output; null where the loss does not depend on it. */
  readonly grads: readonly (Tensor | null)[];
  readonly attrs: Attrs;
  /** Which inputs' gradients will be used: the others may be skipped. */
  readonly needs: readonly boolean[];
}

/** One input set on which the tests compare lowering with reference, and vjp with central differences. */
export interface OpExample<Attrs> {
  /** Input types, or values where random ones in `domain` would not do (indices, masks). */
  readonly inputs: readonly (TensorType | { readonly type: TensorType; readonly values: readonly number[] })[];
  readonly attrs: Attrs;
  /** Range of the random values, [-2, 2] when left out. Keep kinks outside or apart by more than the step. */
  readonly domain?: readonly [number, number];
  readonly note?: string;
}

/**
 * An operation, all of it: adding one touches the file it is defined in and the list in `ops/index.ts`.
 */
export interface OpDefinition<Attrs = unknown> {
  readonly name: string;
  /** Shape rule: output types, or an error "operation: needed X, got Y". */
  infer(inputs: readonly TensorType[], attrs: Attrs): readonly TensorType[];
  /** ONNX lowering: value names in, value names out. */
  lower(context: LowerContext, inputs: readonly string[], attrs: Attrs, node: Node): readonly string[];
  /** Gradients of the inputs as symbolic tensors; "none" says that there is none (integers, comparisons). */
  readonly vjp: ((args: VjpArguments<Attrs>) => readonly (Tensor | null)[]) | "none";
  /** Plain double-precision implementation. */
  reference(inputs: readonly NdArray[], attrs: Attrs, node: Node): readonly NdArray[];
  readonly examples: readonly OpExample<Attrs>[];
  /** Attributes that hold functions or graphs: two such nodes are never merged. */
  readonly opaque?: boolean;
}

/** A defined operation: call it with inputs and attributes; `.definition` is the object itself. */
export interface Op<Attrs> {
  (inputs: readonly Tensor[], attrs: Attrs): readonly Tensor[];
  readonly definition: OpDefinition<Attrs>;
}

/** Makes an operation out of its one object. */
export function defineOp<Attrs = Record<string, never>>(definition: OpDefinition<Attrs>): Op<Attrs> {
  const op = (inputs: readonly Tensor[], attrs: Attrs) => applyOp(definition as OpDefinition, inputs, attrs);
  return Object.assign(op, { definition });
}
