import fc from "fast-check";
import { expect, test } from "vitest";
import { deadFraction } from "./deadFraction.js";
import { denseFraction } from "./denseFraction.js";
import { firingFrequencies } from "./firingFrequencies.js";
import { countFirings } from "./firings.js";
import { l0 } from "./l0.js";

const tenInputs = { samples: 10, counts: Float64Array.of(10, 2, 1, 0, 0) };

test("frequencies are shares of the inputs and sum to L0", () => {
  expect(firingFrequencies(tenInputs)).toEqual(Float64Array.of(1, 0.2, 0.1, 0, 0));
  expect(l0(tenInputs)).toBe(1.3);
});

test("dead latents never fired, or fired less often than asked for", () => {
  expect(deadFraction(tenInputs)).toEqual({ fraction: 0.4, latents: 2, dSae: 5, samples: 10 });
  expect(deadFraction(tenInputs, 0.15).latents).toBe(3);
});

test("dense latents fire on more than the given share", () => {
  expect(denseFraction(tenInputs)).toEqual({ fraction: 0.4, latents: 2, dSae: 5, samples: 10 }); // 0.1 is not above 0.1
  expect(denseFraction(tenInputs, 0.01).latents).toBe(3);
});

test("only activations above 0 are firings", () => {
  const counter = countFirings(3);
  counter.add(Float32Array.of(-1, 0, 1e-30));
  counter.addSparse(Float32Array.of(0, -2, 3), [0, 1, 2], 1);
  expect(counter.read()).toEqual({ samples: 2, counts: Float64Array.of(0, 0, 2) });
});

test("dense activations and their sparse codes count the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.constantFrom(-1, 0, 0.5), { minLength: 3, maxLength: 3 }), { minLength: 1, maxLength: 5 }),
      (f) => {
        const dense = countFirings(3);
        dense.add(Float32Array.from(f.flat()));
        const sparse = countFirings(3);
        const codes = f
          .flatMap((row) => row.map((value, latent) => ({ value, latent })))
          .filter(({ value }) => value !== 0);
        sparse.addSparse(
          Float32Array.from(codes, ({ value }) => value),
          codes.map(({ latent }) => latent),
          f.length,
        );
        expect(sparse.read()).toEqual(dense.read());
      },
    ),
  );
});

test("what was read does not change when counting goes on", () => {
  const counter = countFirings(1);
  counter.add(Float32Array.of(1));
  const early = counter.read();
  counter.add(Float32Array.of(1));
  expect(early).toEqual({ samples: 1, counts: Float64Array.of(1) });
});

test("refuses codes that do not fit and samples without inputs", () => {
  expect(() => countFirings(2).read()).toThrow("countFirings: needed at least one input, got none");
  expect(() => countFirings(2).addSparse(Float32Array.of(1), [], 1)).toThrow("got 1 values and 0 indices");
  expect(() => countFirings(2).addSparse(Float32Array.of(1), [2], 1)).toThrow("needed a latent index below 2, got 2");
  expect(() => countFirings(2).add(new Float32Array(3))).toThrow("divisible by the row width 2, got 3");
});

test("an SAE without activations in view has L0 0 and all latents dead", () => {
  const silent = { samples: 5, counts: new Float64Array(2) };
  expect(l0(silent)).toBe(0);
  expect(deadFraction(silent).fraction).toBe(1);
  expect(denseFraction(silent).fraction).toBe(0);
});
