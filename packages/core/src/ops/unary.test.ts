import { expect, test } from "vitest";
import { compile } from "../compile.js";
import { float32 } from "../tensorType.js";
import { gelu, geluTanh, silu } from "./unary.js";

const x = [-3, -1, -0.5, 0, 0.5, 1, 3];

/** From the definitions, with `math.erf` and `math.tanh` of Python in double precision. */
const known = {
  gelu: [
    -0.00404969409489031, -0.15865525393145707, -0.15426876936299344, 0, 0.34573123063700656, 0.8413447460685429,
    2.99595030590511,
  ],
  geluTanh: [
    -0.0036373920817729943, -0.15880800939172324, -0.15428599017485606, 0, 0.34571400982514394, 0.8411919906082768,
    2.996362607918227,
  ],
  silu: [
    -0.14227761953270035, -0.2689414213699951, -0.1887703343990727, 0, 0.3112296656009273, 0.7310585786300049,
    2.8577223804672998,
  ],
};

test("GELU in both forms and SiLU at known points", async () => {
  const program = await compile({ x: float32(x.length) }, (args) => ({
    gelu: gelu(args.x),
    geluTanh: geluTanh(args.x),
    silu: silu(args.x),
  }));
  const results = await program.run({ x: Float32Array.from(x) });
  await program.dispose();
  for (const [name, values] of Object.entries(known)) {
    values.forEach((value, i) => {
      expect(results[name as keyof typeof known].data[i], `${name}(${x[i]})`).toBeCloseTo(value, 6);
    });
  }
});

test("far from zero they are the identity and zero, not NaN", async () => {
  const program = await compile({ x: float32(2) }, (args) => ({
    gelu: gelu(args.x),
    geluTanh: geluTanh(args.x),
    silu: silu(args.x),
  }));
  for (const { data } of Object.values(await program.run({ x: Float32Array.of(200, -200) }))) {
    expect(data[0]).toBe(200);
    expect(data[1]).toBeCloseTo(0, 30);
  }
  await program.dispose();
});
