import { describe, expect, it } from "vitest";
import { compile } from "../compile.js";
import type { OpDefinition, OpExample } from "../defineOp.js";
import { vjp } from "../grad.js";
import { type NdArray, ndArray } from "../ndArray.js";
import { fillUniform, key } from "../random.js";
import { evaluateGraph } from "../reference.js";
import { applyOp, constant, placeholder, type Tensor } from "../tensor.js";
import { type DType, sizeOf, type TensorType } from "../tensorType.js";
import { mul } from "./binary.js";
import { allOps } from "./index.js";
import { sum } from "./reduce.js";

/** Inputs of an example: given values, or reproducible random ones in its domain. */
function inputsOf(example: OpExample<unknown>, seed: string): { types: TensorType[]; values: NdArray[] } {
  const [low, high] = example.domain ?? [-2, 2];
  const pairs = example.inputs.map((input, i) => {
    const type = "type" in input ? input.type : input;
    const shape = type.shape as number[];
    if ("values" in input) return { type, value: ndArray(shape, input.values) };
    const uniform = new Float32Array(sizeOf(shape));
    fillUniform(key(`${seed}/${i}`), uniform);
    const draw = (u: number) => (type.dtype === "bool" ? Math.round(u) : low + (high - low) * u);
    return { type, value: ndArray(shape, Array.from(uniform, draw)) };
  });
  return { types: pairs.map(({ type }) => type), values: pairs.map(({ value }) => value) };
}

const toTyped = (dtype: DType, { data }: NdArray) =>
  dtype === "float32"
    ? Float32Array.from(data)
    : dtype === "bool"
      ? Uint8Array.from(data)
      : BigInt64Array.from(data, (v) => BigInt(v));

const fromTyped = (data: ArrayLike<number | bigint>): number[] => Array.from(data, Number);

/** Rows layouts come unordered from TopK: compare the sets. */
const comparable = (op: OpDefinition, outputs: number[][]): number[][] =>
  op.name === "topkLinear" ? outputs.map((output) => [...output].sort((a, b) => a - b)) : outputs;

const cases = allOps.flatMap((op) =>
  op.examples.map((example, i) => ({
    op,
    example,
    title: `${op.name} #${i}${example.note ? ` (${example.note})` : ""}`,
  })),
);

describe("every operation", () => {
  it("has an example", () => {
    expect(allOps.filter((op) => op.examples.length === 0).map((op) => op.name)).toEqual([]);
  });

  it("is in the list once", () => {
    expect(new Set(allOps.map((op) => op.name)).size).toBe(allOps.length);
  });
});

describe.each([1, 2])("lowered to ONNX, %i thread(s), agrees with its reference", (threads) => {
  it.each(cases)("$title", async ({ op, example, title }) => {
    const { types, values } = inputsOf(example, title);
    const names = types.map((_, i) => `in${i}`);
    const program = await compile(
      Object.fromEntries(types.map((type, i) => [names[i] as string, type])),
      (args) =>
        Object.fromEntries(
          applyOp(
            op,
            names.map((name) => args[name] as Tensor),
            example.attrs,
          ).map((y, i) => [`out${i}`, y]),
        ),
      { threads },
    );
    const feeds = Object.fromEntries(
      types.map((type, i) => [names[i] as string, toTyped(type.dtype, values[i] as NdArray)]),
    );
    const results = await program.run(feeds);
    const placeholders = types.map((type, i) => placeholder(names[i] as string, type));
    const expected = evaluateGraph(
      applyOp(op, placeholders, example.attrs),
      new Map(placeholders.map((p, i) => [p, values[i] as NdArray])),
    );
    const got = expected.map((_, i) => fromTyped(results[`out${i}`]?.data ?? []));
    const want = comparable(
      op,
      expected.map(({ data }) => Array.from(data)),
    );
    comparable(op, got).forEach((output, i) => {
      expect(output.length).toBe(want[i]?.length);
      output.forEach((value, j) => {
        expect(Math.abs(value - (want[i]?.[j] as number))).toBeLessThanOrEqual(
          2e-5 * Math.max(1, Math.abs(want[i]?.[j] as number)),
        );
      });
    });
    expected.forEach(({ shape }, i) => {
      expect(results[`out${i}`]?.shape).toEqual(shape);
    });
    await program.dispose();
  });
});

const differentiable = cases.filter(
  ({ op, example }) =>
    op.vjp !== "none" &&
    op.name !== "stopGradient" &&
    inputsOf(example, "").types.some(({ dtype }) => dtype === "float32"),
);

describe("the gradient agrees with central differences", () => {
  it.each(differentiable)("$title", ({ op, example, title }) => {
    const { types, values } = inputsOf(example, title);
    const params = types.map((type, i) => placeholder(`in${i}`, type));
    const outputs = applyOp(op, params, example.attrs).filter(({ dtype }) => dtype === "float32");
    const weights = outputs.map((output, i) => {
      const data = new Float32Array(
        sizeOf(evaluateGraph([output], new Map(params.map((p, j) => [p, values[j] as NdArray])))[0]?.shape ?? []),
      );
      fillUniform(key(`${title}/weights/${i}`), data);
      return constant(data, output.shape as number[]);
    });
    const loss = outputs.map((output, i) => sum(mul(output, weights[i] as Tensor)));
    const floats = params.filter(({ dtype }) => dtype === "float32");
    const gradients = vjp(
      loss,
      loss.map(() => constant(1)),
      floats,
    );
    const bindings = new Map(params.map((p, i) => [p, values[i] as NdArray]));
    const evaluateLoss = (at: Map<Tensor, NdArray>) =>
      evaluateGraph(loss, at).reduce((total, { data }) => total + (data[0] as number), 0);
    evaluateGraph(gradients, bindings).forEach((gradient, i) => {
      const param = floats[i] as Tensor;
      const base = bindings.get(param) as NdArray;
      expect(gradient.shape).toEqual(base.shape);
      const h = 1e-5;
      base.data.forEach((value, j) => {
        const shifted = (by: number) => {
          const data = base.data.slice();
          data[j] = value + by;
          return evaluateLoss(new Map(bindings).set(param, { shape: base.shape, data }));
        };
        const numeric = (shifted(h) - shifted(-h)) / (2 * h);
        expect(Math.abs(numeric - (gradient.data[j] as number))).toBeLessThan(1e-6 * Math.max(1, Math.abs(numeric)));
      });
    });
  });
});
