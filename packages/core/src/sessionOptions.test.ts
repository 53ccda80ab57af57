import { expect, test } from "vitest";
import { compile } from "./compile.js";
import { mul } from "./ops/binary.js";
import { sessionOptions } from "./sessionOptions.js";
import { float32 } from "./tensorType.js";

const own = { intraOpNumThreads: 1, executionProviders: ["cpu"] };

test("further options replace the engine's preferences; what the engine depends on stays", () => {
  expect(sessionOptions(own, { enableCpuMemArena: false, graphOptimizationLevel: "basic" })).toEqual({
    ...own,
    interOpNumThreads: 1,
    graphOptimizationLevel: "basic",
    logSeverityLevel: 3,
    enableCpuMemArena: false,
    extra: { session: { set_denormal_as_zero: "1" } },
  });
});

test("extra options are merged", async () => {
  const extra = { session: { disable_prepacking: "1" }, optimization: { enable_gelu_approximation: "1" } };
  expect(sessionOptions(own, { extra }).extra).toEqual({
    session: { disable_prepacking: "1", set_denormal_as_zero: "1" },
    optimization: { enable_gelu_approximation: "1" },
  });
  const program = await compile({ x: float32(1) }, ({ x }) => ({ y: mul(x, 1) }), { sessionOptions: { extra } });
  expect((await program.run({ x: Float32Array.of(1e-40) })).y.data).toEqual(Float32Array.of(0));
  await program.dispose();
});

test.each([
  [{ intraOpNumThreads: 2 }, "got intraOpNumThreads; leave it out (use threads, by which the graph is written, too)"],
  [{ executionProviders: ["cuda"] }, "got executionProviders; leave it out (use provider and providerOptions)"],
  [{ externalData: [] }, "got externalData; leave it out (use fixed and keepFixed)"],
  [{ enableProfiling: true }, "got enableProfiling; leave it out (use profile)"],
  [{ extra: { session: { set_denormal_as_zero: "0" } } }, "got extra.session.set_denormal_as_zero; leave it out"],
  [{ extra: { "session.set_denormal_as_zero": "0" } }, "got extra.session.set_denormal_as_zero; leave it out"],
])("%j is refused: two values of one thing could differ", async (options, message) => {
  await expect(
    compile({ x: float32(1) }, ({ x }) => ({ y: mul(x, 2) }), { sessionOptions: options }),
  ).rejects.toMatchObject({ code: "bad_option", message: expect.stringContaining(message) });
});
