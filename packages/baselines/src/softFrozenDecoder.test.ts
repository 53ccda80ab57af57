import { arrayActivations, drawRows, fileSource, topkSae, train } from "@sae/autoencoders";
import { compile, float32 } from "@sae/core";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ontoCap as reference } from "../../autoencoders/src/referenceTrainer.testkit.js";
import { toyActivations } from "../../autoencoders/src/toyActivations.testkit.js";
import { constraintOf } from "./defineBaseline.js";
import { ontoCap, softFrozenDecoder } from "./softFrozenDecoder.js";

/** The projection of one row, as the engine computes it. */
async function project(d: number[], u: number[], tau = 0.8): Promise<number[]> {
  const n = d.length;
  const program = await compile({ d: float32(1, n), u: float32(1, n) }, (row) => ({ out: ontoCap(row.d, row.u, tau) }));
  const { out } = await program.run({ d: Float32Array.from(d), u: Float32Array.from(u) });
  await program.dispose();
  return Array.from(out.data, Number);
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((total, value, i) => total + value * b[i], 0);

describe("projection onto the cap of cosine τ = 0.8", () => {
  const u = [1, 0];

  it("puts a row on the edge, in the plane of the row and its start", async () => {
    const [along, across] = await project([0.6, 0.8], u);
    expect(along).toBeCloseTo(0.8, 6);
    expect(across).toBeCloseTo(0.6, 6);
  });

  it("leaves a row inside alone, to the bit", async () => {
    const d = [Math.fround(0.9), Math.fround(Math.sqrt(0.19))];
    expect(await project(d, u)).toEqual(d);
  });

  it("turns a row that points the other way back to its start", async () => {
    expect(await project([-1, 0], u)).toEqual([1, 0]);
    // Rounded, a unit vector times its negative is not exactly −1: what is left must not be taken for a direction.
    const v = [1, 2, 3, 4, 5].map((value) => Math.fround(value / Math.sqrt(55)));
    expect(
      await project(
        v.map((value) => -value),
        v,
      ),
    ).toEqual(v);
  });

  it("with one dimension has the row's start and nothing else", async () => {
    expect(await project([-1], [1])).toEqual([1]);
    expect(await project([1], [1])).toEqual([1]);
  });
});

/** Unit vectors of 2 to 12 float32 numbers. */
const unitVectors = (count: number) =>
  fc
    .integer({ min: 2, max: 12 })
    .chain((n) =>
      fc.array(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: n, maxLength: n }), {
        minLength: count,
        maxLength: count,
      }),
    )
    .filter((rows) => rows.every((row) => Math.hypot(...row) > 1e-3))
    .map((rows) => rows.map((row) => row.map((value) => Math.fround(value / Math.hypot(...row)))));

describe("for any unit rows", () => {
  it("the result is a unit row of cosine τ or more, and agrees with the formula in double precision", async () => {
    await fc.assert(
      fc.asyncProperty(unitVectors(2), fc.double({ min: -1, max: 1, noNaN: true }), async ([d, u], tau) => {
        fc.pre(Math.abs(dot(d, u) - tau) > 1e-5);
        const row = await project(d, u, tau);
        expect(Math.abs(Math.hypot(...row) - 1)).toBeLessThan(1e-6);
        expect(dot(row, u)).toBeGreaterThan(tau - 1e-6);
        // Close to −u the direction of what is left is decided by rounding.
        if (dot(d, u) > -0.999)
          for (const [i, value] of reference(d, u, tau).entries()) expect(row[i]).toBeCloseTo(value, 4);
      }),
      { numRuns: 60 },
    );
  });

  it("also close to the opposite of the start", async () => {
    await fc.assert(
      fc.asyncProperty(unitVectors(2), fc.integer({ min: 1, max: 9 }), async ([noise, u], exponent) => {
        const mixed = u.map((value, i) => -value + 10 ** -exponent * noise[i]);
        const row = await project(
          mixed.map((value) => value / Math.hypot(...mixed)),
          u,
        );
        expect(Math.abs(Math.hypot(...row) - 1)).toBeLessThan(1e-6);
        expect(dot(row, u)).toBeGreaterThan(0.8 - 1e-6);
      }),
      { numRuns: 60 },
    );
  });
});

describe("starting weights whose decoder rows have another norm", () => {
  const [dModel, dSae, tau] = [8, 32, 0.98];
  const unit = drawRows(0, { dModel, dSae }); // [dSae, dModel]

  /** Decoder rows of a run that starts with rows of this norm. */
  async function decoderFrom(norm: number): Promise<Float32Array> {
    const { sae } = await train({
      variant: topkSae,
      config: { l0: 3 },
      recipe: { dSae, steps: 60, batch: 64, lr: 0.01, warmup: 5 },
      source: await fileSource(arrayActivations(toyActivations({ rows: 2048, dModel }), dModel)),
      constraint: constraintOf(softFrozenDecoder, { tau }),
      initial: { W_dec: unit.map((value) => value * norm) },
    });
    return sae.weights.W_dec;
  }

  it.each([0.1, 1, 2])(
    "%d: they end as unit rows in the cap around their directions, some on its edge",
    async (norm) => {
      const W_dec = await decoderFrom(norm);
      const cosines = Array.from({ length: dSae }, (_, j) => {
        const [row, u] = [W_dec, unit].map((rows) => [...rows.subarray(j * dModel, (j + 1) * dModel)]);
        expect(Math.abs(Math.hypot(...row) - 1)).toBeLessThan(1e-6);
        return dot(row, u);
      });
      expect(Math.min(...cosines)).toBeGreaterThan(tau - 1e-6);
      expect(Math.min(...cosines)).toBeLessThan(tau + 1e-6);
    },
  );
});

describe("options", () => {
  it("τ is 0.8 when left out", () => {
    expect(constraintOf(softFrozenDecoder).config).toEqual({ tau: 0.8 });
  });

  it("τ is a cosine", () => {
    expect(() => constraintOf(softFrozenDecoder, { tau: 1.2 })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: options of baseline 'soft_frozen_decoder': tau: Too big: expected number to be <=1]`,
    );
  });
});
