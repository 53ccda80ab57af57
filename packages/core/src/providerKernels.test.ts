import type { GraphProto, ModelProto, NodeProto } from "onnx-buf";
import { describe, expect, test } from "vitest";
import { attention, causalMask } from "./attention.js";
import { decode, firedLatents, largestInBatch, preActivation } from "./codes.js";
import { grad } from "./grad.js";
import type { Provider } from "./lowerContext.js";
import { onnxModel } from "./onnxNodes.testkit.js";
import { add } from "./ops/binary.js";
import { crossEntropy } from "./ops/crossEntropy.js";
import { gatherRows } from "./ops/gather.js";
import { allOps } from "./ops/index.js";
import { matmul } from "./ops/matmul.js";
import { rmsNorm } from "./ops/normalize.js";
import { sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { reshape } from "./ops/shape.js";
import { square } from "./ops/unary.js";
import { cudaFallbacks, cudaKernels, webgpuFallbacks } from "./providerKernels.js";
import { rotaryFrequencies, rotaryTables, rotate } from "./rotary.js";
import { applyOp, constant, type Tensor } from "./tensor.js";
import { bool, float32, int64 } from "./tensorType.js";

/** Everything that can be emitted: each operation's examples, and programs whose sizes are known at run time only. */
function models(provider: Provider): ModelProto[] {
  const examples = allOps.flatMap((op) =>
    op.examples.map((example) => {
      const types = example.inputs.map((input) => ("type" in input ? input.type : input));
      const inputs = Object.fromEntries(types.map((type, i) => [`in${i}`, type]));
      return onnxModel(
        inputs,
        (args) =>
          Object.fromEntries(
            applyOp(
              op,
              types.map((_, i) => args[`in${i}`] as Tensor),
              example.attrs,
            ).map((y, i) => [`out${i}`, y]),
          ),
        { provider },
      );
    }),
  );
  const sparse = onnxModel(
    { x: float32(4, 2), W: float32(2, 64), b: float32(64), hint: float32(), xs: float32(3, 4, 2) },
    ({ x, W, b, hint, xs }) => {
      const step = (input: Tensor) => {
        const codes = largestInBatch(preActivation(input, { W_enc: W, b_enc: b }), 3, hint);
        const loss = sum(square(decode(codes, matmul(W, constant([1, 0, 0, 1], [2, 2]), { transA: true }))));
        return { loss, dW: grad(loss, [W])[0] as Tensor, fired: firedLatents(codes) };
      };
      const { carry } = scan({
        carry: { total: constant(0) },
        xs: { row: xs },
        body: ({ total }, { row }) => ({ carry: { total: add(total, step(row).loss) }, ys: {} }),
      });
      return { ...step(x), total: carry.total };
    },
    { provider },
  );
  const language = onnxModel(
    { tokens: int64("batch", "seq"), keep: bool("batch", "seq"), table: float32(7, 8) },
    ({ tokens, keep, table }) => {
      const heads = (x: Tensor) => reshape(x, ["batch", "seq", 2, 4]);
      const x = rmsNorm(gatherRows(table, tokens));
      const tables = rotaryTables(tokens, rotaryFrequencies(2));
      const z = attention(rotate(heads(x), tables), rotate(heads(x), tables, "interleaved"), heads(x), {
        mask: causalMask(tokens, { keep, window: 3 }),
        softCap: 5,
      });
      const loss = crossEntropy(matmul(reshape(z, ["batch", "seq", 8]), table, { transB: true }), tokens, keep);
      return { loss, d: grad(loss, [table])[0] as Tensor };
    },
    { provider },
  );
  return [...examples, sparse, language];
}

const names = { 1: "float32", 7: "int64", 9: "bool", 10: "float16" } as Record<number, string>;
const fixedResult: Record<string, string> = {
  Shape: "int64",
  NonZero: "int64",
  ConstantOfShape: "float32",
  Greater: "bool",
  GreaterOrEqual: "bool",
  Less: "bool",
  Equal: "bool",
};

/** Each operator with the element type that its kernel is chosen by. */
function usesOf({ graph }: ModelProto): Set<string> {
  const types = new Map<string, string>();
  const uses = new Set<string>();
  const intAttribute = (node: NodeProto, name: string) =>
    Number(node.attribute.find((attribute) => attribute.name === name)?.i);
  const visit = (g: GraphProto): void => {
    for (const { name, dataType } of g.initializer) types.set(name, names[dataType] as string);
    for (const { name, type } of g.input)
      if (type?.value.case === "tensorType") types.set(name, names[type.value.value.elemType] as string);
    for (const node of g.node) {
      const bodies = node.attribute.flatMap(({ g: body }) => (body ? [body] : []));
      bodies.forEach(visit);
      const data = types.get(node.input[node.opType === "Where" ? 1 : 0] as string) as string;
      uses.add(`${node.opType} ${node.opType === "ConstantOfShape" ? "float32" : data}`);
      const result =
        node.opType === "Cast" ? (names[intAttribute(node, "to")] as string) : (fixedResult[node.opType] ?? data);
      node.output.forEach((output, i) => {
        const inside = bodies[0]?.output[i]?.type?.value;
        types.set(
          output,
          inside?.case === "tensorType"
            ? (names[inside.value.elemType] as string)
            : node.opType === "TopK" && i === 1
              ? "int64"
              : result,
        );
      });
    }
  };
  if (graph) visit(graph);
  return uses;
}

const usesOn = (provider: Provider): string[] =>
  [...new Set(models(provider).flatMap((model) => [...usesOf(model)]))].sort();

describe("CUDA", () => {
  const uses = usesOn("cuda");

  test("every emitted operator has a kernel for its element type, or a reason to run on the CPU", () => {
    const missing = uses.filter((use) => {
      const [operator, dtype] = use.split(" ") as [string, string];
      return !cudaFallbacks[use] && !cudaKernels[operator]?.dtypes.some((known) => known === dtype);
    });
    expect(missing).toEqual([]);
  });

  test("its registration covers the opset that is written", () => {
    // The rule of onnxruntime's kernel registry: a kernel without an end serves only the schema version that it begins with.
    const outside = Object.entries(cudaKernels).filter(
      ([, { schema, from, to }]) => schema !== from && !(from < schema && to !== undefined && schema <= to),
    );
    expect(outside).toEqual([]);
    for (const model of models("cuda").slice(0, 1))
      expect(model.opsetImport.map(({ domain, version }) => [domain, version])).toEqual([
        ["", 18n],
        ["com.microsoft", 1n],
      ]);
  });

  test("the list holds nothing that is not emitted", () => {
    const emitted = new Set([...uses, ...usesOn("cpu"), ...usesOn("webgpu")].map((use) => use.split(" ")[0]));
    expect(Object.keys(cudaKernels).filter((operator) => !emitted.has(operator))).toEqual([]);
    expect(Object.keys(cudaFallbacks).filter((use) => !uses.includes(use))).toEqual([]);
  });
});

describe("WebGPU", () => {
  test("operators without a kernel there are not emitted where there is another way", () => {
    const emitted = new Set(usesOn("webgpu").map((use) => use.split(" ")[0]));
    for (const operator of ["FusedMatMul", "LogSoftmax", "OneHot", "Sign"])
      expect(emitted.has(operator), operator).toBe(false);
    expect(Object.keys(webgpuFallbacks).filter((operator) => !emitted.has(operator))).toEqual([]);
  });
});
