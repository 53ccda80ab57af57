import { expect, test } from "vitest";
import { checkGraph } from "./checkGraph.js";
import type { OpDefinition } from "./defineOp.js";
import { add } from "./ops/binary.js";
import { greater } from "./ops/compare.js";
import { cond } from "./ops/cond.js";
import { sum } from "./ops/reduce.js";
import { scan } from "./ops/scan.js";
import { neg } from "./ops/unary.js";
import { constant, type Node, placeholder, type Tensor } from "./tensor.js";
import { float32 } from "./tensorType.js";

const x = placeholder("x", float32("batch", 2));

test("a graph whose placeholders are its inputs passes", () => {
  checkGraph([add(x, 1), x, constant(3)], [x]);
});

test("bodies of loops and branches pass, with what they capture", () => {
  const w = placeholder("w", float32(2));
  const { carry } = scan({
    carry: { total: constant(0) },
    xs: { row: x },
    body: ({ total }, { row }) => ({ carry: { total: add(total, sum(add(row, w))) }, ys: {} }),
  });
  checkGraph([carry.total], [x, w]);
  expect(() => checkGraph([carry.total], [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: 'w' (float32[2]) is used but is no input of the program; add it to the inputs]`,
  );
});

test("a placeholder that is no input", () => {
  expect(() => checkGraph([neg(x)], [])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: 'x' (float32[batch, 2]) is used but is no input of the program; add it to the inputs]`,
  );
});

test("a loop's own tensor outside the loop", () => {
  let leaked: Tensor = x;
  scan({
    carry: { total: constant(0) },
    xs: { row: x },
    body: ({ total }, { row }) => {
      leaked = row;
      return { carry: { total: add(total, sum(row)) }, ys: {} };
    },
  });
  expect(() => checkGraph([neg(leaked)], [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: 'row' belongs to the body of a scan or cond and is used outside it; return it from the body]`,
  );
});

test("a branch's own tensor outside the branch", () => {
  let leaked: Tensor = x;
  cond(
    greater(sum(x), 0),
    { operand: x },
    ({ operand }) => {
      leaked = operand;
      return { y: operand };
    },
    ({ operand }) => ({ y: neg(operand) }),
  );
  expect(() => checkGraph([leaked], [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: 'operand' belongs to the body of a scan or cond and is used outside it; return it from the body]`,
  );
});

/** A node put together by hand, past the checks of `applyOp`. */
function forged(op: OpDefinition, inputs: readonly Tensor[], shape: number[]): Tensor {
  const outputs: Tensor[] = [];
  const node: Node = { op, attrs: {}, inputs, outputs, region: 0 };
  outputs.push({ node, index: 0, ...float32(...shape) });
  return outputs[0] as Tensor;
}

test("a stored type that its shape rule does not give", () => {
  expect(() => checkGraph([forged(neg(x).node.op, [x], [7])], [x])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: neg: output 0 is float32[7], its shape rule says float32[batch, 2]]`,
  );
});

test("a cycle", () => {
  const inputs: Tensor[] = [];
  const loop = forged(neg(x).node.op, inputs, [2]);
  inputs.push(loop);
  expect(() => checkGraph([loop], [])).toThrowErrorMatchingInlineSnapshot(
    `[SaeError: the graph has a cycle through 'neg']`,
  );
});
