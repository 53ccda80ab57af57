/*
 * The floor of passes over a language model: its matrix products alone.
 *
 *   W [out, in], a matrix of the model     x [rows, in]
 */
import { type CompileOptions, compile, fillNormal, float32, key, matmul, slice } from "@sae/core";
import type { LanguageModel } from "@sae/models";
import { median } from "./median.js";

/** Rows that each matrix of a model is multiplied with, by its name. */
export type RowsOf = Readonly<Record<string, number>>;

const shapesOf = ({ family, config }: LanguageModel): Readonly<Record<string, readonly number[]>> =>
  family.weights(config);

/** The matrices of the blocks after `after`, each with so many rows. */
export function blockRows(model: LanguageModel, rows: number, after = -1): RowsOf {
  const matrices = Object.entries(shapesOf(model)).filter(([name, shape]) => {
    const [, block] = /\.layers\.(\d+)\./.exec(name) ?? [];
    return block !== undefined && Number(block) > after && shape.length === 2;
  });
  return Object.fromEntries(matrices.map(([name]) => [name, rows]));
}

/** The unembedding, which may be the embedding. */
export function headRows(model: LanguageModel, rows: number): RowsOf {
  const name = Object.keys(shapesOf(model)).find((weight) => /lm_head|embed_tokens/.test(weight)) as string;
  return { [name]: rows };
}

/** A function that times the products x Wᵀ, one after the other. Only a row of each leaves the session. */
export async function startProducts(model: LanguageModel, rowsOf: RowsOf, options: CompileOptions) {
  const shapes = shapesOf(model);
  const names = Object.keys(rowsOf);
  const inputOf = (name: string) => `x ${rowsOf[name]} ${shapes[name][1]}`;
  const sizes = new Map(names.map((name) => [inputOf(name), [rowsOf[name], shapes[name][1]] as const]));
  const program = await compile(
    {
      ...Object.fromEntries([...sizes].map(([input, size]) => [input, float32(...size)])),
      ...Object.fromEntries(names.map((name) => [name, float32(...shapes[name])])),
    },
    (inputs) =>
      Object.fromEntries(
        names.map((name) => [
          `y.${name}`,
          slice(matmul(inputs[inputOf(name)], inputs[name], { transB: true }), 0, 0, 1),
        ]),
      ),
    options,
  );
  const feeds: Record<string, Float32Array> = {};
  for (const [input, [rows, width]] of sizes) feeds[input] = fillNormal(key(input), new Float32Array(rows * width));
  for (const name of names) feeds[name] = await model.weight(name);
  return { timed: timing(() => program.run(feeds)), dispose: () => program.dispose() };
}

/** A function that returns how many milliseconds another takes. */
export const timing = (run: () => Promise<unknown>) => async (): Promise<number> => {
  const start = performance.now();
  await run();
  return performance.now() - start;
};

/** Runs both a few times in turns, after a first time each, and takes medians. */
export async function inTurns(rounds: number, pass: () => Promise<number>, floor: () => Promise<number>) {
  const [passes, floors]: [number[], number[]] = [[], []];
  await pass();
  await floor();
  for (let round = 0; round < rounds; round++) {
    floors.push(await floor());
    passes.push(await pass());
  }
  return [median(passes), median(floors)] as const;
}
