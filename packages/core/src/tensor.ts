import type { OpDefinition } from "./defineOp.js";
import { SaeError } from "./error.js";
import { toDoubles } from "./ndArray.js";
import { type DType, formatType, sizeOf, type TensorType } from "./tensorType.js";

/**
 * A symbolic tensor: output number `index` of a node. Immutable; a graph is what can be reached from its outputs.
 */
export interface Tensor extends TensorType {
  readonly node: Node;
  readonly index: number;
}

/**
 * One application of an operation. `region` says which loop or branch body it belongs to: 0 is the top level, and a
 * body that lies inside another one has the larger number.
 */
export interface Node {
  readonly op: OpDefinition;
  readonly attrs: unknown;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly region: number;
}

/** A function body as a graph: parameters and the results computed from them. */
export interface Graph {
  readonly params: readonly Tensor[];
  readonly outputs: readonly Tensor[];
}

/** Elements as they cross to JavaScript: float32, float16 (as bits), int64, bool. */
export type TypedData = Float32Array | Uint16Array | BigInt64Array | Uint8Array;

/** Applies `op`: checks and infers the types, returns its symbolic outputs. */
export function applyOp(
  op: OpDefinition,
  inputs: readonly Tensor[],
  attrs: unknown,
  regionOverride?: number,
): readonly Tensor[] {
  const types = op.infer(inputs, attrs);
  const region = regionOverride ?? Math.max(0, ...inputs.map((input) => input.node.region));
  const outputs: Tensor[] = [];
  const node: Node = { op, attrs, inputs, outputs, region };
  types.forEach((type, index) => {
    outputs.push({ node, index, dtype: type.dtype, shape: type.shape });
  });
  return outputs;
}

interface PlaceholderAttrs {
  readonly name: string;
  readonly type: TensorType;
}

/** A graph input. Not an operation that users call: `compile`, `scan` and `cond` create them. */
const placeholderOp: OpDefinition<PlaceholderAttrs> = {
  name: "placeholder",
  infer: (_inputs, attrs) => [attrs.type],
  lower: (_context, _inputs, attrs) => {
    throw new SaeError(
      "internal",
      `placeholder '${attrs.name}' is used outside the function that it is a parameter of`,
    );
  },
  vjp: "none",
  reference: (_inputs, attrs) => {
    throw new SaeError("missing_input", `no value was given for input '${attrs.name}' (${formatType(attrs.type)})`);
  },
  examples: [],
};

/** A graph input that gets its value when the graph runs; `compile` makes them from the types of its inputs. */
export function placeholder(name: string, type: TensorType, region = 0): Tensor {
  return applyOp(placeholderOp as OpDefinition, [], { name, type } satisfies PlaceholderAttrs, region)[0] as Tensor;
}

export const isPlaceholder = (tensor: Tensor): boolean => tensor.node.op.name === placeholderOp.name;

interface ConstantAttrs {
  readonly type: { readonly dtype: DType; readonly shape: readonly number[] };
  readonly values: readonly number[] | TypedData;
}

/** A value that is written into the graph. */
const constantOp: OpDefinition<ConstantAttrs> = {
  name: "constant",
  infer: (_inputs, { type }) => [type],
  lower: (context, _inputs, { type, values }) => [context.constant(type.dtype, type.shape, values)],
  vjp: "none",
  reference: (_inputs, { type, values }) => [{ shape: type.shape, data: toDoubles(type.dtype, values) }],
  examples: [],
};

/** A constant tensor; `constant(2)` is a float32 scalar. */
export function constant(
  values: number | readonly number[] | TypedData,
  shape?: readonly number[],
  dtype: DType = "float32",
): Tensor {
  const list = typeof values === "number" ? [values] : values;
  const dims = shape ?? (typeof values === "number" ? [] : [list.length]);
  if (sizeOf(dims) !== list.length) {
    throw new SaeError(
      "shape_mismatch",
      `constant: needed ${sizeOf(dims)} values for shape [${dims.join(", ")}], got ${list.length}`,
    );
  }
  return applyOp(constantOp as OpDefinition, [], {
    type: { dtype, shape: dims },
    values: list,
  } satisfies ConstantAttrs)[0] as Tensor;
}

/** A float32 tensor filled with one value. */
export const full = (value: number, shape: readonly number[]): Tensor =>
  constant(new Float32Array(sizeOf(shape)).fill(value), shape);

/** What operations take where a number may stand for a float32 scalar. */
export type Operand = Tensor | number;

export const toTensor = (operand: Operand): Tensor => (typeof operand === "number" ? constant(operand) : operand);

/** All nodes that the outputs need, inputs before users. The walk does not go behind tensors that are `known`. */
export function topologicalOrder(outputs: readonly Tensor[], known: (tensor: Tensor) => boolean = () => false): Node[] {
  const order: Node[] = [];
  const state = new Map<Node, "open" | "done">();
  const stack: { node: Node; next: number }[] = [];
  const open = (node: Node): void => {
    if (state.get(node) === "done") return;
    if (state.get(node) === "open") throw new SaeError("internal", `the graph has a cycle through '${node.op.name}'`);
    state.set(node, "open");
    stack.push({ node, next: 0 });
  };
  for (const output of outputs) {
    if (!known(output)) open(output.node);
    while (stack.length > 0) {
      const top = stack[stack.length - 1] as { node: Node; next: number };
      const input = top.node.inputs[top.next++];
      if (input) {
        if (!known(input)) open(input.node);
      } else {
        state.set(top.node, "done");
        order.push(top.node);
        stack.pop();
      }
    }
  }
  return order;
}
