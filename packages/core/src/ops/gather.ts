import { defineOp } from "../defineOp.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import type { Tensor } from "../tensor.js";
import { type Dim, float32, int64, shapeError } from "../tensorType.js";

/** Row-major size of everything after the first axis. */
const rowSize = (x: NdArray): number => x.shape.slice(1).reduce((product, dim) => product * dim, 1);

const indexExample = { type: int64(4), values: [2, 0, 2, 2] };

export const gatherRowsOp = defineOp({
  name: "gatherRows",
  infer: ([table, index]) => {
    if (!table || !index || index.dtype !== "int64" || table.shape.length === 0)
      throw shapeError("gatherRows", "a table and int64 row numbers", table && index ? [table, index] : "fewer");
    return [{ dtype: table.dtype, shape: [...index.shape, ...table.shape.slice(1)] }];
  },
  lower: (context, inputs) => [context.emit("Gather", inputs, { axis: 0 })],
  vjp: ({ inputs: [table, index], grads: [dy] }) => [
    scatterAddRows(index as Tensor, dy as Tensor, table as Tensor),
    null,
  ],
  reference: ([table, index]) => {
    const [rows, at] = [table as NdArray, index as NdArray];
    const size = rowSize(rows);
    const out = zerosNd([...at.shape, ...rows.shape.slice(1)]);
    at.data.forEach((row, i) => {
      out.data.set(rows.data.subarray(row * size, (row + 1) * size), i * size);
    });
    return [out];
  },
  examples: [
    { inputs: [float32(3, 2), indexExample], attrs: {} },
    { inputs: [float32(3), { type: int64(2, 2), values: [0, 1, 1, 2] }], attrs: {} },
    { inputs: [float32(1, 2), { type: int64(0), values: [] }], attrs: {} },
  ],
});

/**
 * Rows of `table` [rows, ...] at `index` (any shape): embedding look-up. Its gradient adds rows, never a dense one-hot matrix.
 *
 * Indices are not checked: as ONNX has it, a negative one counts from the end (−1 is the last row), and one outside ±rows ends the run in an error of
 * onnxruntime's on the CPU, while a GPU may read anything.
 */
export const gatherRows = (table: Tensor, index: Tensor): Tensor => gatherRowsOp([table, index], {})[0] as Tensor;

/** Sum of the rows of `values` that go to each row of a table shaped like `like`. */
export const scatterAddRowsOp = defineOp({
  name: "scatterAddRows",
  infer: ([index, values, like]) => {
    if (!index || !values || !like || index.dtype !== "int64")
      throw shapeError(
        "scatterAddRows",
        "int64 row numbers, rows and a table",
        index && values && like ? [index, values, like] : "fewer",
      );
    return [{ dtype: values.dtype, shape: like.shape }];
  },
  lower: (context, [index, values, like], _attrs, node) => {
    const shape = (node.inputs[2] as Tensor).shape as readonly Dim[];
    const zeros = context.emit("Expand", [
      context.constant("float32", [], [0]),
      context.emit("Shape", [like as string]),
    ]);
    if (context.target.scatterAdd !== "dense") {
      const at = context.emit("Unsqueeze", [index as string, context.ints(-1)]);
      return [context.emit("ScatterND", [zeros, at, values as string], { reduction: "add" })];
    }
    // ScatterElements(add) is slow but right with any number of threads: it wants one index per element.
    const flatRows = context.emit("Reshape", [
      values as string,
      context.ints(-1, ...shape.slice(1).map((dim) => dim as number)),
    ]);
    const column = context.emit("Reshape", [index as string, context.ints(-1, ...shape.slice(1).map(() => 1))]);
    const perElement = context.emit("Expand", [column, context.emit("Shape", [flatRows])]);
    return [context.emit("ScatterElements", [zeros, perElement, flatRows], { axis: 0, reduction: "add" })];
  },
  vjp: ({ inputs: [index], grads: [dy] }) => [null, gatherRows(dy as Tensor, index as Tensor), null],
  reference: ([index, values, like]) => {
    const out = zerosNd((like as NdArray).shape);
    const size = rowSize(out);
    index?.data.forEach((row, i) => {
      for (let j = 0; j < size; j++)
        out.data[row * size + j] = (out.data[row * size + j] as number) + (values?.data[i * size + j] as number);
    });
    return [out];
  },
  examples: [
    { inputs: [indexExample, float32(4, 2), float32(3, 2)], attrs: {}, note: "row 2 three times" },
    { inputs: [{ type: int64(2, 2), values: [0, 1, 1, 2] }, float32(2, 2), float32(3)], attrs: {} },
    { inputs: [{ type: int64(0), values: [] }, float32(0, 2), float32(1, 2)], attrs: {} },
  ],
});

/**
 * Adds each row of `values` to row `index` of zeros shaped like `like`; repeated indices add up on every provider. Indices are not checked, see
 * {@link gatherRows}.
 */
export const scatterAddRows = (index: Tensor, values: Tensor, like: Tensor): Tensor =>
  scatterAddRowsOp([index, values, like], {})[0] as Tensor;

/** A table with rows added at places that are all different. */
export const addRowsOp = defineOp({
  name: "addRows",
  infer: ([table, index, rows]) => {
    if (!table || !index || !rows || index.dtype !== "int64" || rows.shape.length !== table.shape.length)
      throw shapeError(
        "addRows",
        "a table, different int64 row numbers and rows",
        table && index && rows ? [table, index, rows] : "fewer",
      );
    return [table];
  },
  // Read, add, write back: no place is written twice, so that this is right with any number of threads.
  lower: (context, [table, index, rows]) => {
    const before = context.emit("Gather", [table as string, index as string], { axis: 0 });
    const at = context.emit("Unsqueeze", [index as string, context.ints(-1)]);
    return [context.emit("ScatterND", [table as string, at, context.emit("Add", [before, rows as string])])];
  },
  vjp: ({ inputs: [, index], grads: [dy] }) => [dy as Tensor, null, gatherRows(dy as Tensor, index as Tensor)],
  reference: ([table, index, rows]) => {
    const out = { shape: (table as NdArray).shape, data: (table as NdArray).data.slice() };
    const size = rowSize(out);
    index?.data.forEach((row, i) => {
      for (let j = 0; j < size; j++)
        out.data[row * size + j] = (out.data[row * size + j] as number) + (rows?.data[i * size + j] as number);
    });
    return [out];
  },
  examples: [
    { inputs: [float32(3, 2), { type: int64(2), values: [2, 0] }, float32(2, 2)], attrs: {} },
    { inputs: [float32(3), { type: int64(1), values: [1] }, float32(1)], attrs: {} },
    { inputs: [float32(2, 2), { type: int64(0), values: [] }, float32(0, 2)], attrs: {} },
  ],
});

/** `table` [rows, ...] with `rows` added to its rows `index` [n], which must all be different. Indices are not checked, see {@link gatherRows}. */
export const addRows = (table: Tensor, index: Tensor, rows: Tensor): Tensor =>
  addRowsOp([table, index, rows], {})[0] as Tensor;
