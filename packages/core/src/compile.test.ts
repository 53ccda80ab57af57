import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CompileOptions, compile, type Program } from "./compile.js";
import { encodeFloat16 } from "./float16.js";
import { add, mul } from "./ops/binary.js";
import { gatherRows } from "./ops/gather.js";
import { matmul } from "./ops/matmul.js";
import { cast } from "./ops/shape.js";
import { relu } from "./ops/unary.js";
import { where } from "./ops/where.js";
import { availableProviders, resolveProvider } from "./provider.js";
import type { Tensor } from "./tensor.js";
import { bool, float16, float32, int64 } from "./tensorType.js";
import { toNumbers } from "./toNumbers.js";

const rows = (count: number, columns = 2) => ({ data: new Float32Array(count * columns), shape: [count, columns] });

describe("running", () => {
  test("one program serves every batch size, none at all included", async () => {
    const program = await compile({ x: float32("batch", 2), w: float32(2, 3) }, ({ x, w }) => ({
      y: relu(matmul(x, w)),
    }));
    for (const batch of [1, 5, 0, 2])
      expect((await program.run({ x: rows(batch), w: new Float32Array(6) })).y.shape).toEqual([batch, 3]);
    await program.dispose();
  });

  test("an input that no output needs is accepted all the same", async () => {
    const program = await compile({ x: float32(1), unused: float32("n") }, ({ x }) => ({ y: mul(x, 2) }));
    expect(
      (await program.run({ x: Float32Array.of(3), unused: { data: new Float32Array(4), shape: [4] } })).y.data,
    ).toEqual(Float32Array.of(6));
    await program.dispose();
  });

  test("whole numbers cross as BigInt64Array, truth values as Uint8Array", async () => {
    const program = await compile({ i: int64(2) }, ({ i }) => ({ doubled: add(i, i) }));
    expect((await program.run({ i: BigInt64Array.of(1n, -4n) })).doubled.data).toEqual(BigInt64Array.of(2n, -8n));
    await program.dispose();
  });

  test("float16 crosses as its bits in a Uint16Array, on runtimes with a Float16Array as well", async () => {
    const program = await compile({ x: float16("n") }, ({ x }) => ({ doubled: add(x, x), wide: cast(x, "float32") }));
    const { doubled, wide } = await program.run({ x: { data: encodeFloat16([1, -0.5, 3]), shape: [3] } });
    expect(doubled.data).toEqual(encodeFloat16([2, -1, 6]));
    expect(wide.data).toEqual(Float32Array.of(1, -0.5, 3));
    await program.dispose();
  });

  test("options of onnxruntime are passed through", async () => {
    const bad = { sessionOptions: { graphOptimizationLevel: "no such level" } } as unknown as CompileOptions;
    await expect(compile({ x: float32(1) }, ({ x }) => ({ y: relu(x) }), bad)).rejects.toMatchObject({
      code: "session_failed",
    });
  });

  test("a disposed program does not run", async () => {
    const program = await compile({ x: float32(1) }, ({ x }) => ({ y: relu(x) }));
    await program.dispose();
    await expect(program.run({ x: Float32Array.of(1) })).rejects.toThrow("disposed");
  });
});

describe("feeds that do not fit", () => {
  let program: Program<"x" | "y" | "ids", "sum">;
  beforeAll(async () => {
    program = await compile({ x: float32("batch", 2), y: float32("batch", 2), ids: int64(3) }, ({ x, y, ids }) => ({
      sum: gatherRows(add(x, y), ids),
    }));
  });
  afterAll(() => program.dispose());
  const ids = new BigInt64Array(3);

  test("another size of a fixed dimension", async () => {
    await expect(program.run({ x: rows(4, 3), y: rows(4), ids })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'x' needed float32[batch, 2] in a Float32Array, got a Float32Array of 12 with shape [4, 3]]`,
    );
  });

  test("another number of dimensions", async () => {
    await expect(
      program.run({ x: { data: new Float32Array(2), shape: [2] }, y: rows(1), ids }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'x' needed float32[batch, 2] in a Float32Array, got a Float32Array of 2 with shape [2]]`,
    );
  });

  test("sizes that the data does not fill", async () => {
    await expect(
      program.run({ x: { data: new Float32Array(7), shape: [4, 2] }, y: rows(4), ids }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'x' needed float32[batch, 2] in a Float32Array, got a Float32Array of 7 with shape [4, 2]]`,
    );
  });

  test("a symbolic dimension that differs between inputs", async () => {
    await expect(program.run({ x: rows(1), y: rows(8), ids })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'y' needed float32[batch, 2] with batch = 1 as in 'x', got batch = 8]`,
    );
  });

  test("data alone where a dimension is symbolic", async () => {
    await expect(program.run({ x: new Float32Array(8), y: rows(4), ids })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'x' needed float32[batch, 2] in a Float32Array, got a Float32Array of 8 with shape [batch, 2]]`,
    );
  });

  test("another element type", async () => {
    await expect(
      program.run({ x: rows(4), y: rows(4), ids: new Float32Array(3) }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'ids' needed int64[3] in a BigInt64Array, got a Float32Array of 3 with shape [3]]`,
    );
  });

  test("a name that is no input", async () => {
    const feeds = { x: rows(4), y: rows(4), ids, z: rows(4) };
    await expect(program.run(feeds)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: 'z' is no input; the inputs are x, y, ids]`,
    );
  });

  test("a missing input", async () => {
    const feeds = { x: rows(4), ids } as unknown as Parameters<typeof program.run>[0];
    await expect(program.run(feeds)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: input 'y' (float32[batch, 2]) was not given]`,
    );
  });
});

describe.each([
  ["handed over in every run", false],
  ["kept in the program", true],
])("fixed inputs, %s", (_, keepFixed) => {
  test("are given once, of every type and size", async () => {
    const program = await compile(
      { x: float32("n", 2), w: float32(2, 3), i: int64("m"), half: float16(2), yes: bool(2), none: float32(0, 3) },
      ({ x, w, i, half, yes, none }) => ({
        y: gatherRows(matmul(x, w), i),
        sum: where(yes, cast(half, "float32"), 0),
        none: mul(none, 2),
        w,
      }),
      {
        keepFixed,
        fixed: {
          w: new Float32Array([0, 0, 0, 1, 2, 3, 4, 5, 6]).subarray(3),
          i: { data: BigInt64Array.of(1n, 0n), shape: [2] },
          half: encodeFloat16([0.5, -2]),
          yes: Uint8Array.of(0, 1),
          none: new Float32Array(0),
        },
      },
    );
    for (const scale of [1, -3]) {
      const x = { data: Float32Array.of(1, 0, 0, 10).map((value) => scale * value), shape: [2, 2] };
      const { y, sum, none, w } = await program.run({ x });
      expect(toNumbers(y)).toEqual([40, 50, 60, 1, 2, 3].map((value) => scale * value));
      expect([toNumbers(sum), none.shape, toNumbers(w)]).toEqual([
        [0, -2],
        [0, 3],
        [1, 2, 3, 4, 5, 6],
      ]);
    }
    await program.dispose();
  });

  test("are checked when the program is compiled", async () => {
    const types = { x: float32(2), w: float32(2) };
    const build = ({ x, w }: Record<"x" | "w", Tensor>) => ({ y: mul(x, w) });
    await expect(compile(types, build, { keepFixed, fixed: { w: new Float32Array(3) } })).rejects.toMatchObject({
      code: "shape_mismatch",
    });
    await expect(
      compile(types, build, { keepFixed, fixed: { v: new Float32Array(2) } as never }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(`[SaeError: run: 'v' is no input; the inputs are x, w]`);
    const program = await compile(types, build, { keepFixed, fixed: { w: new Float32Array(2) } });
    const both = { x: new Float32Array(2), w: new Float32Array(2) };
    await expect(program.run(both)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: run: 'w' is fixed, its value was given when the program was compiled]`,
    );
    await program.dispose();
  });
});

describe("profiling", () => {
  test("lists the operators with their number of calls and leaves no file behind", async () => {
    const before = readdirSync(tmpdir()).filter((name) => name.startsWith("sae-profile"));
    const program = await compile({ x: float32(64, 64) }, ({ x }) => ({ y: relu(matmul(x, x)) }), { profile: true });
    for (let run = 0; run < 3; run++) await program.run({ x: new Float32Array(64 * 64) });
    const times = await program.profile();
    expect(new Map(times.map(({ op, calls }) => [op, calls])).get("MatMul")).toBe(3);
    expect(times.every(({ ms }, i) => ms >= 0 && ms <= (times[i - 1]?.ms ?? Number.POSITIVE_INFINITY))).toBe(true);
    expect(readdirSync(tmpdir()).filter((name) => name.startsWith("sae-profile"))).toEqual(before);
    await program.dispose();
  });

  test("has to be asked for", async () => {
    const program = await compile({ x: float32(1) }, ({ x }) => ({ y: relu(x) }));
    await expect(program.profile()).rejects.toThrowErrorMatchingInlineSnapshot(
      `[SaeError: profile: the program was compiled without \`profile: true\`]`,
    );
    await program.dispose();
  });
});

describe("providers", () => {
  test("auto is CUDA where it is installed, else the CPU", () => {
    expect(availableProviders()).toContain("cpu");
    expect(resolveProvider("auto")).toBe(availableProviders().includes("cuda") ? "cuda" : "cpu");
  });

  test("an unknown one", () => {
    expect(() => resolveProvider("tpu" as "cpu")).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: provider: needed auto, cpu, cuda, webgpu, got 'tpu']`,
    );
  });

  test("CUDA where it is not installed says how to install it", async ({ skip }) => {
    skip(availableProviders().includes("cuda"), "CUDA is installed here");
    const error = await compile({ x: float32(1) }, ({ x }) => ({ y: relu(x) }), { provider: "cuda" }).catch(
      (reason: Error) => reason,
    );
    const message = (error as Error).message
      .replace(/\(it has [^)]*\)/, "(it has …)")
      .replace(/`node .*install.js`/, "`node …/install.js`");
    expect(message).toMatchInlineSnapshot(
      `"provider 'cuda': not in this installation (it has …); on Linux x64 with an NVIDIA driver, CUDA 12 and cuDNN 9 run \`node …/install.js\`, which downloads the provider (some hundred MB), or use --provider cpu"`,
    );
  });
});
