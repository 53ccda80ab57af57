import { defineOp } from "../defineOp.js";
import { SaeError } from "../error.js";
import { type NdArray, zerosNd } from "../ndArray.js";
import { evaluateGraph } from "../reference.js";
import { nextRegion } from "../region.js";
import { type Graph, placeholder, type Tensor, topologicalOrder } from "../tensor.js";
import { type Dim, formatType, sameType, shapeError, sizeOf } from "../tensorType.js";

interface ScanAttrs {
  readonly body: Graph;
  readonly carries: number;
  readonly sequences: number;
}

const scanOp = defineOp<ScanAttrs>({
  name: "scan",
  opaque: true,
  infer: (inputs, { body, carries }) => {
    const steps = inputs[carries]?.shape[0] as Dim;
    return body.outputs.map((output, i) =>
      i < carries ? output : { dtype: output.dtype, shape: [steps, ...output.shape] },
    );
  },
  // Captured tensors are inputs of the node for the sake of the order; inside the body they are seen by name.
  lower: (context, inputs, { body, carries, sequences }) =>
    context.emitMany("Scan", inputs.slice(0, carries + sequences), body.outputs.length, {
      num_scan_inputs: sequences,
      body: { graph: context.subgraph(body) },
    }),
  vjp: "none",
  reference: (inputs, { body, carries, sequences }, node) => {
    const captured = new Map(
      node.inputs.slice(carries + sequences).map((tensor, i) => [tensor, inputs[carries + sequences + i] as NdArray]),
    );
    const steps = inputs[carries]?.shape[0] as number;
    let carry = inputs.slice(0, carries);
    const stacked: NdArray[] = body.outputs
      .slice(carries)
      .map((output) => zerosNd([steps, ...(output.shape as number[])]));
    for (let step = 0; step < steps; step++) {
      const slices = inputs.slice(carries, carries + sequences).map((x) => rowOf(x, step));
      const bindings = new Map([
        ...captured,
        ...body.params.map((param, i): [Tensor, NdArray] => [param, [...carry, ...slices][i] as NdArray]),
      ]);
      const results = evaluateGraph(body.outputs, bindings);
      carry = results.slice(0, carries);
      results.slice(carries).forEach((result, i) => {
        stacked[i]?.data.set(result.data, step * result.data.length);
      });
    }
    return [...carry, ...stacked];
  },
  examples: [],
});

const rowOf = (x: NdArray, row: number): NdArray => {
  const shape = x.shape.slice(1);
  return { shape, data: x.data.subarray(row * sizeOf(shape), (row + 1) * sizeOf(shape)) };
};

/** State, sequences and body of a loop. */
export interface ScanArguments<
  Carry extends Record<string, Tensor>,
  Xs extends Record<string, Tensor>,
  Ys extends Record<string, Tensor>,
> {
  /** State before the first step. */
  readonly carry: Carry;
  /** Sequences [steps, ...]; the body sees one row of each. */
  readonly xs: Xs;
  /** One step: state and row in, new state (same names and types) and outputs to stack out. */
  readonly body: (carry: Carry, x: Xs) => { carry: Carry; ys: Ys };
}

/**
 * Runs `body` for each row of `xs` inside one graph, so that many steps are one `session.run`. Tensors of the surrounding graph
 * can be used in the body. Gradients are taken inside the body: the loop itself has none. Where the number of steps is known at run time only, a run
 * with none of them ends in the error `no_steps`.
 *
 * @returns the final state and the outputs of all steps, stacked to [steps, ...]
 * @throws SaeError `shape_mismatch` when the sequences differ in length or have no step, or the state changes its type
 */
export function scan<
  Carry extends Record<string, Tensor>,
  Xs extends Record<string, Tensor>,
  Ys extends Record<string, Tensor>,
>({ carry, xs, body }: ScanArguments<Carry, Xs, Ys>): { carry: Carry; ys: Ys } {
  const steps = Object.values(xs).map(({ shape }) => shape[0]);
  if (steps.length === 0 || steps.some((dim) => dim === undefined || dim !== steps[0])) {
    throw shapeError(
      "scan",
      "one or more sequences of equally many steps",
      steps.length === 0 ? "none" : Object.values(xs),
    );
  }
  // onnxruntime's loop takes no sequence of length 0.
  if (steps[0] === 0) throw shapeError("scan", "sequences of one step or more", Object.values(xs));
  const region = nextRegion();
  const carryNames = Object.keys(carry);
  const xNames = Object.keys(xs);
  const carryParams = carryNames.map((name) => placeholder(name, carry[name] as Tensor, region));
  const xParams = xNames.map((name) => {
    const x = xs[name] as Tensor;
    return placeholder(name, { dtype: x.dtype, shape: x.shape.slice(1) }, region);
  });
  const zip = <T>(names: string[], tensors: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, tensors[i]])) as T;
  const result = body(zip<Carry>(carryNames, carryParams), zip<Xs>(xNames, xParams));
  for (const name of carryNames) {
    const [before, after] = [carry[name] as Tensor, result.carry[name]];
    if (!after || !sameType(before, after)) {
      throw new SaeError(
        "shape_mismatch",
        `scan: state '${name}' needed to stay ${formatType(before)}, the body returned ${after ? formatType(after) : "nothing"}`,
      );
    }
  }
  const yNames = Object.keys(result.ys);
  const graph: Graph = {
    params: [...carryParams, ...xParams],
    outputs: [
      ...carryNames.map((name) => result.carry[name] as Tensor),
      ...yNames.map((name) => result.ys[name] as Tensor),
    ],
  };
  const outputs = scanOp([...Object.values(carry), ...Object.values(xs), ...capturesOf(graph, region)], {
    body: graph,
    carries: carryNames.length,
    sequences: xNames.length,
  });
  return { carry: zip<Carry>(carryNames, outputs), ys: zip<Ys>(yNames, outputs.slice(carryNames.length)) };
}

/** Tensors of surrounding graphs that a body uses. */
export function capturesOf(body: Graph, region: number): Tensor[] {
  const captures = new Set<Tensor>(body.outputs.filter((output) => output.node.region < region));
  for (const node of topologicalOrder(body.outputs)) {
    if (node.region < region) continue;
    for (const input of node.inputs) if (input.node.region < region) captures.add(input);
  }
  return [...captures];
}
