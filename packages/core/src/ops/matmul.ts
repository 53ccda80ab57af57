import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { broadcastShapes, type Dim, float32, shapeError, sizeOf, type TensorType } from "../tensorType.js";
import { mul } from "./binary.js";
import { sum, sumTo } from "./reduce.js";
import { reshape } from "./shape.js";

/** Which operands of a matrix product are read transposed. */
export interface MatmulAttrs {
  readonly transA: boolean;
  readonly transB: boolean;
}

const lastTwo = (type: TensorType, swap: boolean): [Dim, Dim] => {
  const [rows, cols] = type.shape.slice(-2) as [Dim, Dim];
  return swap ? [cols, rows] : [rows, cols];
};

const swapLastTwo = (rank: number): number[] => [...Array(rank - 2).keys(), rank - 1, rank - 2];

export const matmulOp = defineOp<MatmulAttrs>({
  name: "matmul",
  infer: ([a, b], { transA, transB }) => {
    if (!a || !b || a.shape.length < 2 || b.shape.length < 2)
      throw shapeError("matmul", "two tensors of at least two dimensions", a && b ? [a, b] : "fewer");
    const [m, k] = lastTwo(a, transA);
    const [k2, n] = lastTwo(b, transB);
    if (k !== k2)
      throw shapeError(
        "matmul",
        `equal inner dimensions, [.., m, k] · [.., k, n] (transA ${transA}, transB ${transB})`,
        [a, b],
      );
    return [
      { dtype: a.dtype, shape: [...broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n] },
    ];
  },
  lower: (context, inputs, { transA, transB }, node) => {
    if (!transA && !transB) return [context.emit("MatMul", inputs)];
    const flags = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
    if (node.inputs.every((x) => x.shape.length === 2)) return [context.emit("Gemm", inputs, flags)];
    if (context.target.provider !== "webgpu") return [context.emit("FusedMatMul", inputs, flags, "com.microsoft")];
    // The WebGPU provider has no FusedMatMul: both operands would be copied to the CPU and the product back.
    return [
      context.emit(
        "MatMul",
        inputs.map((name, i) =>
          (i === 0 ? transA : transB)
            ? context.emit("Transpose", [name], { perm: swapLastTwo(node.inputs[i]?.shape.length ?? 0) })
            : name,
        ),
      ),
    ];
  },
  vjp: ({ inputs, grads, attrs: { transA, transB }, needs }) => {
    const [a, b, dy] = [inputs[0] as Tensor, inputs[1] as Tensor, grads[0] as Tensor];
    const da = () => (transA ? matmul(b, dy, { transA: transB, transB: true }) : matmul(dy, b, { transB: !transB }));
    const db = () => (transB ? matmul(dy, a, { transA: true, transB: transA }) : matmul(a, dy, { transA: !transA }));
    return [
      needs[0] ? sumTo(da(), a) : null,
      needs[1] ? sumTo(weightGradient(a, b, dy, { transA, transB }) ?? db(), b) : null,
    ];
  },
  reference: ([a, b], { transA, transB }) => [matmulReference(a as NdArray, b as NdArray, transA, transB)],
  examples: [
    { inputs: [float32(2, 3), float32(3, 4)], attrs: { transA: false, transB: false } },
    { inputs: [float32(3, 2), float32(4, 3)], attrs: { transA: true, transB: true } },
    { inputs: [float32(2, 3), float32(4, 3)], attrs: { transA: false, transB: true } },
    {
      inputs: [float32(2, 3, 2), float32(3, 4)],
      attrs: { transA: true, transB: false },
      note: "batch against one matrix",
    },
    {
      inputs: [float32(2, 3, 2), float32(2, 4)],
      attrs: { transA: false, transB: false },
      note: "every row against one matrix",
    },
    {
      inputs: [float32(2, 2, 3, 2), float32(4, 2)],
      attrs: { transA: false, transB: true },
      note: "every row against one transposed matrix",
    },
    { inputs: [float32(2, 1, 2, 3), float32(3, 2, 3)], attrs: { transA: false, transB: true } },
    { inputs: [float32(0, 3), float32(3, 2)], attrs: { transA: false, transB: false } },
    { inputs: [float32(1, 1), float32(1, 1)], attrs: { transA: false, transB: false } },
  ],
});

/**
 * The gradient of one matrix that a whole batch of them is multiplied by, as one product over all rows: no gradient per member of the
 * batch is made and added up. Null when the operands are others.
 */
function weightGradient(a: Tensor, b: Tensor, dy: Tensor, { transA, transB }: MatmulAttrs): Tensor | null {
  if (transA || b.shape.length !== 2 || a.shape.length < 3 || ![...a.shape, ...dy.shape].every(isNumber)) return null;
  const asRows = (x: Tensor) => {
    const n = x.shape.at(-1) as number;
    return reshape(x, [sizeOf(x.shape.slice(0, -1) as number[]), n]); // [rows, n]
  };
  const [left, right] = transB ? [dy, a] : [a, dy];
  return matmul(asRows(left), asRows(right), { transA: true });
}

const isNumber = (dim: Dim): boolean => typeof dim === "number";

function matmulReference(a: NdArray, b: NdArray, transA: boolean, transB: boolean): NdArray {
  const batch = broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2)) as number[];
  const [m, k] = (transA ? a.shape.slice(-2).reverse() : a.shape.slice(-2)) as [number, number];
  const n = b.shape[b.shape.length - (transB ? 2 : 1)] as number;
  const out = zerosNd([...batch, m, n]);
  const batches = batch.reduce((product, dim) => product * dim, 1);
  for (let at = 0; at < batches; at++) {
    const offsetA = batchOffset(at, batch, a.shape);
    const offsetB = batchOffset(at, batch, b.shape);
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let total = 0;
        for (let l = 0; l < k; l++) {
          const x = a.data[offsetA + (transA ? l * m + i : i * k + l)] as number;
          total += x * (b.data[offsetB + (transB ? j * k + l : l * n + j)] as number);
        }
        out.data[(at * m + i) * n + j] = total;
      }
    }
  }
  return out;
}

/** Where matrix number `at` of the broadcast batch starts in an operand. */
function batchOffset(at: number, batch: readonly number[], shape: readonly number[]): number {
  let rest = at;
  let offset = 0;
  let stride = (shape[shape.length - 1] as number) * (shape[shape.length - 2] as number);
  for (let axis = batch.length - 1; axis >= 0; axis--) {
    const index = rest % (batch[axis] as number);
    rest = Math.floor(rest / (batch[axis] as number));
    const dim = shape[axis - batch.length + shape.length - 2];
    if (dim === undefined) continue;
    if (dim !== 1) offset += index * stride;
    stride *= dim;
  }
  return offset;
}

/** Matrix product over the last two axes, the others broadcast; either operand can be read transposed. */
export const matmul = (a: Tensor, b: Tensor, { transA = false, transB = false }: Partial<MatmulAttrs> = {}): Tensor =>
  matmulOp([a, b], { transA, transB })[0] as Tensor;

/** Inner product of corresponding rows: Σ over the last axis of a·b. */
export const rowDot = (a: Tensor, b: Tensor, keepDims = false): Tensor => sum(mul(a, b), [-1], keepDims);
