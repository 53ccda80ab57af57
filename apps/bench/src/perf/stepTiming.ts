import {
  type AnySae,
  compileTraining,
  drawRows,
  recipeSchema,
  scheduleNames,
  stateTypes,
  type TrainSpec,
} from "@sae/autoencoders";
import { type CompileOptions, compile, fillNormal, float32, fold, key, matmul, type OpTime, slice } from "@sae/core";
import { median } from "./median.js";
import type { PerfShape } from "./shapes.js";

export interface StepTiming {
  readonly name: string;
  readonly stepMs: number;
  /** stepMs / gemmMs, both measured in turns in the same process. */
  readonly ratio: number;
  readonly samplesPerSecond: number;
  /** Mean active latents while timed: the sparse variants are timed near their target. */
  readonly l0: number;
  /** Time per operation of a step, when profiled. */
  readonly ops?: readonly OpTime[];
}

export interface ShapeTiming extends PerfShape {
  /** The encoder's matrix product alone, x W_enc: the floor. */
  readonly gemmMs: number;
  readonly variants: readonly StepTiming[];
}

/** Scaled activations as training sees them: E‖x‖² = 1. */
function activations({ dModel, batch }: PerfShape): Float32Array {
  const x = fillNormal(fold(key(0), "perf"), new Float32Array(batch * dModel));
  for (let i = 0; i < x.length; i++) x[i] /= Math.sqrt(dModel);
  return x;
}

/** Pre-activations of unit rows on these activations are N(0, 1/dModel): the bias that leaves l0 of dSae positive. */
function biasFor({ dModel, dSae, l0 }: PerfShape): number {
  const normal = fillNormal(fold(key(0), "quantile"), new Float64Array(1 << 20)).sort();
  return -normal[Math.floor(normal.length * (1 - l0 / dSae))] / Math.sqrt(dModel);
}

/** Starts the floor: a function that times one product. Only its first row leaves the session. */
async function startFloor(
  { dModel, dSae, batch }: PerfShape,
  x: Float32Array,
  W_enc: Float32Array,
  options: CompileOptions,
) {
  const program = await compile(
    { x: float32(batch, dModel), W_enc: float32(dModel, dSae) },
    (p) => ({ y: slice(matmul(p.x, p.W_enc), 0, 0, 1) }),
    options,
  );
  const timed = async () => {
    const start = performance.now();
    await program.run({ x, W_enc });
    return performance.now() - start;
  };
  return { timed, dispose: () => program.dispose() };
}

async function startStep(
  shape: PerfShape,
  variant: AnySae,
  rows: Float32Array,
  x: Float32Array,
  steps: number,
  options: CompileOptions,
) {
  const { dModel, dSae, l0, batch } = shape;
  const recipe = recipeSchema.parse({ dSae, steps: 1000, batch });
  const spec: TrainSpec = {
    variant,
    config: variant.config.parse({ l0 }),
    constraint: { name: "trained" },
    recipe,
    dModel,
    dSae,
  };
  const program = await compileTraining(spec, "sparse", options);
  const scalars = variant.state?.(spec.config) ?? {};
  let state: Record<string, Float32Array> = Object.fromEntries(
    Object.entries(stateTypes(spec)).map(([name, type]) => {
      const size = (type.shape as number[]).reduce((product, dim) => product * dim, 1);
      return [name, new Float32Array(size).fill(scalars[name.replace(/^state\./, "")] ?? 0)];
    }),
  );
  state.W_enc = rows.slice();
  state.W_dec = rows.slice();
  if (variant.inference === "own") state.b_enc.fill(biasFor(shape));
  const batches = new Float32Array(steps * x.length);
  for (let step = 0; step < steps; step++) batches.set(x, step * x.length);
  const schedule = Object.fromEntries(
    scheduleNames.map((name) => [
      name,
      { data: new Float32Array(steps).fill(name === "lr" ? 1e-6 : 1), shape: [steps] },
    ]),
  );
  let active = 0;
  const timed = async () => {
    const start = performance.now();
    const results = await program.run({
      ...state,
      x: { data: batches, shape: [steps, batch, dModel] },
      inverseScale: Float32Array.of(1),
      ...schedule,
    });
    const ms = (performance.now() - start) / steps;
    state = Object.fromEntries(Object.keys(state).map((name) => [name, results[name].data as Float32Array]));
    active = Number(results.log.data[2]);
    return ms;
  };
  return { timed, l0: () => active, program };
}

/** Times the floor and the whole training step of each variant at one shape, in turns, in this process. */
export async function timeShape(
  shape: PerfShape,
  variants: readonly AnySae[],
  {
    rounds,
    profile,
    compile: options = {},
    onVariant,
  }: { rounds: number; profile: boolean; compile?: CompileOptions; onVariant?: (timing: StepTiming) => void },
): Promise<ShapeTiming> {
  const x = activations(shape);
  const rows = drawRows(0, shape);
  const large = shape.dModel * shape.dSae > 4e6;
  const steps = large ? 1 : 4;
  const floor = await startFloor(shape, x, rows, options);
  const floors: number[] = [];
  const timings: StepTiming[] = [];
  await floor.timed();
  for (const variant of variants) {
    const step = await startStep(shape, variant, rows, x, steps, { ...options, profile });
    await step.timed();
    await step.timed();
    const own: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < rounds; round++) {
      beside.push(await floor.timed());
      own.push(await step.timed());
    }
    floors.push(...beside);
    const stepMs = median(own);
    const runs = (rounds + 2) * steps;
    const ops = profile
      ? (await step.program.profile()).map(({ op, ms, calls, flops }) => ({
          op,
          ms: ms / runs,
          calls: calls / runs,
          flops: flops / runs,
        }))
      : undefined;
    const timing = {
      name: variant.name,
      stepMs,
      ratio: stepMs / median(beside),
      samplesPerSecond: (shape.batch * 1000) / stepMs,
      l0: step.l0(),
      ...(ops && { ops }),
    };
    timings.push(timing);
    onVariant?.(timing);
    await step.program.dispose();
  }
  await floor.dispose();
  return { ...shape, gemmMs: median(floors), variants: timings };
}
