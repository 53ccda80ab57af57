import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { checkGraph } from "./checkGraph.js";
import { SaeError } from "./error.js";
import type { KeptInput } from "./lower.js";
import { type Provider, scatterAddStrategy } from "./lowerContext.js";
import { onnxBytes } from "./onnxBytes.js";
import { profiledFlops } from "./profiledFlops.js";
import { executionProviders, type ProviderChoice, providerFailure, resolveProvider } from "./provider.js";
import { sessionOptions } from "./sessionOptions.js";
import { placeholder, type Tensor, type TypedData } from "./tensor.js";
import { type DType, formatType, isStatic, sizeOf, type TensorType } from "./tensorType.js";

/** A concrete value: row-major data and its sizes. */
export interface Value {
  readonly data: TypedData;
  readonly shape: readonly number[];
}

/** Data alone will do for an input whose shape is fixed. */
export type Feed = Value | TypedData;

/** Where and how a program runs. */
export interface CompileOptions {
  readonly provider?: ProviderChoice;
  /**
   * Threads inside one operation, 1 when left out. On the CPU one thread per process and one process per core is fastest for training, and
   * several threads change how sparse gradients are added (see ScatterAddStrategy).
   */
  readonly threads?: number;
  /** Options of the execution provider itself, passed through (device id, memory limit). */
  readonly providerOptions?: Record<string, unknown>;
  /** Further onnxruntime session options, passed through. Those with a place of their own here (threads, provider, profile, fixed inputs) are refused. */
  readonly sessionOptions?: InferenceSession.SessionOptions;
  /** Record the time of every operation; read it with `program.profile()`. */
  readonly profile?: boolean;
  /**
   * Whether fixed inputs are kept in the provider's memory, a copy for each program, instead of being handed over in every run. Default: on a GPU, where
   * handing over means a copy through the bus. The CPU reads them where they are, and programs share them.
   */
  readonly keepFixed?: boolean;
}

/** Inputs that have the same value in every run, such as the weights of a model that is not trained: given once. */
export interface FixedInputs<Fixed extends string> {
  readonly fixed?: Readonly<Record<Fixed, Feed>>;
}

/** Time of one kind of operation over all runs of a profiled program. */
export interface OpTime {
  readonly op: string;
  readonly ms: number;
  readonly calls: number;
  /** Floating-point operations, where it is a matrix product; 0 for others. */
  readonly flops: number;
}

/** A compiled function: named values in, named values out. */
export interface Program<Inputs extends string, Outputs extends string> {
  /** Computes the outputs for these inputs; data alone will do where a shape is fixed. */
  run(feeds: Record<Inputs, Feed>): Promise<Record<Outputs, Value>>;
  /** Ends a profile and returns the time per operation, longest first. Needs `profile: true`. */
  profile(): Promise<OpTime[]>;
  /** Frees the session. */
  dispose(): Promise<void>;
  readonly provider: Provider;
  /** Size of the ONNX model in bytes. */
  readonly modelBytes: number;
}

let profiles = 0;

const outputPrefix = "out.";

/**
 * Compiles a function over symbolic tensors into an onnxruntime session.
 *
 * @param inputs name and type of each argument
 * @param build the function: symbolic arguments in, named symbolic results out
 * @param options where it runs, and the inputs whose values are `fixed`; `run` takes the others
 * @throws SaeError shape errors while `build` runs; `unknown_input`, `shape_mismatch` of fixed inputs; `provider_missing`; `bad_option`; `session_failed`
 * @example
 * const program = await compile({ x: float32("batch", 2), w: float32(2, 3) }, ({ x, w }) => ({ y: matmul(x, w) }));
 * const { y } = await program.run({ x: { data: new Float32Array([1, 2]), shape: [1, 2] }, w: new Float32Array(6) });
 */
export async function compile<
  Inputs extends Record<string, TensorType>,
  Outputs extends Record<string, Tensor>,
  Fixed extends keyof Inputs & string = never,
>(
  inputs: Inputs,
  build: (args: { [Name in keyof Inputs]: Tensor }) => Outputs,
  options: CompileOptions & FixedInputs<Fixed> = {},
): Promise<Program<Exclude<keyof Inputs & string, Fixed>, keyof Outputs & string>> {
  const args = Object.fromEntries(Object.entries(inputs).map(([name, type]) => [name, placeholder(name, type)])) as {
    [Name in keyof Inputs]: Tensor;
  };
  return compileGraph<keyof Inputs & string, keyof Outputs & string, Fixed>(
    { inputs: args, outputs: build(args) },
    options,
  );
}

/** Compiles a graph that exists: for callers that look at it first, to see which of its inputs it needs, say. Otherwise use {@link compile}. */
export async function compileGraph<Inputs extends string, Outputs extends string, Fixed extends Inputs = never>(
  { inputs, outputs }: { readonly inputs: Record<Inputs, Tensor>; readonly outputs: Record<Outputs, Tensor> },
  options: CompileOptions & FixedInputs<Fixed> = {},
): Promise<Program<Exclude<Inputs, Fixed>, Outputs>> {
  const provider = resolveProvider(options.provider ?? "cpu");
  const threads = options.threads ?? 1;
  checkGraph(Object.values(outputs), Object.values(inputs));
  const isFixed = (name: string) => Object.hasOwn(options.fixed ?? {}, name);
  const given = picked<Tensor>(inputs, (name) => !isFixed(name));
  // Checked when they are given, not in the first run.
  const fixed = toFeeds(picked<Tensor>(inputs, isFixed), inputs, options.fixed ?? {});
  const kept = (options.keepFixed ?? provider !== "cpu") ? keptInputs(fixed) : [];
  // An ONNX graph has one namespace: a state that goes in and comes out would otherwise be one name twice.
  const prefixed = Object.fromEntries(
    Object.entries<Tensor>(outputs).map(([name, output]) => [outputPrefix + name, output]),
  );
  const bytes = await onnxBytes(
    { inputs, outputs: prefixed, kept },
    { provider, threads, scatterAdd: scatterAddStrategy(provider, threads) },
  );
  const profilePrefix = join(tmpdir(), `sae-profile-${process.pid}-${profiles++}`);
  const own = {
    executionProviders: executionProviders(provider, options.providerOptions),
    intraOpNumThreads: threads,
    ...(options.profile && { enableProfiling: true, profileFilePrefix: profilePrefix }),
    ...(kept.length > 0 && { externalData: kept.filter(({ data }) => data.length > 0) }),
  };
  const session = await InferenceSession.create(bytes, sessionOptions(own, options.sessionOptions)).catch(
    (cause: unknown) => {
      throw providerFailure(provider, cause);
    },
  );
  const isKept = new Set(kept.map(({ name }) => name));
  const handedOver = picked(fixed, (name) => !isKept.has(name));
  return {
    provider,
    modelBytes: bytes.length,
    run: async (feeds) => {
      const results = await session.run({ ...toFeeds(given, inputs, feeds), ...handedOver }).catch(explainRun);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [
          name.slice(outputPrefix.length),
          fromOrt(tensor as OrtTensor),
        ]),
      ) as Record<Outputs, Value>;
    },
    profile: () => readProfile(session, profilePrefix, options.profile ?? false),
    dispose: () => session.release(),
  };
}

/** onnxruntime's loops do not run over nothing, and say so in words of its own. */
function explainRun(cause: unknown): never {
  if (!(cause instanceof Error) || !/Scan node.*dim0_offset < dim0_size/s.test(cause.message)) throw cause;
  throw new SaeError(
    "no_steps",
    "run: a scan needed sequences of one step or more, got sequences of none; leave out the run when there is nothing to go through",
    { cause },
  );
}

const ortTypes: Record<DType, "float32" | "float16" | "int64" | "bool"> = {
  float32: "float32",
  float16: "float16",
  int64: "int64",
  bool: "bool",
};

const dataClass: Record<DType, string> = {
  float32: "Float32Array",
  float16: "Uint16Array",
  int64: "BigInt64Array",
  bool: "Uint8Array",
};

const picked = <T>(all: Readonly<Record<string, T>>, isWanted: (name: string) => boolean): Record<string, T> =>
  Object.fromEntries(Object.entries(all).filter(([name]) => isWanted(name)));

const bytesOf = ({ buffer, byteOffset, byteLength }: TypedData): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Bytes of the largest fixed input that a program can keep: onnxruntime takes no larger constant from memory. Others are handed over in every run. */
export const largestKept: number = 2 ** 31 - 1;

/** Values as constants of a program. */
const keptInputs = (fixed: Readonly<Record<string, OrtTensor>>): KeptInput[] =>
  Object.entries(fixed)
    .map(([name, { data, dims }], i) => ({
      name,
      path: `fixed ${i}`,
      shape: dims,
      data: bytesOf(data as TypedData),
    }))
    .filter(({ data }) => data.length <= largestKept);

/** @param wanted the inputs to be fed now, of all there are */
function toFeeds(
  wanted: Readonly<Record<string, TensorType>>,
  all: Readonly<Record<string, TensorType>>,
  feeds: Readonly<Record<string, Feed>>,
): Record<string, OrtTensor> {
  for (const name of Object.keys(feeds)) {
    if (Object.hasOwn(wanted, name)) continue;
    const remedy = Object.hasOwn(all, name)
      ? "is fixed, its value was given when the program was compiled"
      : `is no input; the inputs are ${Object.keys(all).join(", ")}`;
    throw new SaeError("unknown_input", `run: '${name}' ${remedy}`);
  }
  // Without a check across inputs a batch of 1 beside one of 8 would not fail, but broadcast.
  const sizes = new Map<string, { size: number; from: string }>();
  return Object.fromEntries(
    Object.entries(wanted).map(([name, type]) => [name, toOrt(name, type, feeds[name], sizes)]),
  );
}

function toOrt(
  name: string,
  type: TensorType,
  feed: Feed | undefined,
  sizes: Map<string, { size: number; from: string }>,
): OrtTensor {
  if (!feed) throw new SaeError("missing_input", `run: input '${name}' (${formatType(type)}) was not given`);
  const data = "data" in feed ? feed.data : feed;
  const shape = "data" in feed ? feed.shape : type.shape;
  const fits =
    shape.length === type.shape.length &&
    type.shape.every((dim, axis) => typeof dim === "string" || dim === shape[axis]);
  if (!fits || !isStatic(shape) || sizeOf(shape) !== data.length || data.constructor.name !== dataClass[type.dtype]) {
    throw new SaeError(
      "shape_mismatch",
      `run: input '${name}' needed ${formatType(type)} in a ${dataClass[type.dtype]}, got a ${data.constructor.name} of ${data.length} with shape [${shape.join(", ")}]`,
    );
  }
  type.shape.forEach((dim, axis) => {
    if (typeof dim === "number") return;
    const size = shape[axis] as number;
    const known = sizes.get(dim);
    if (known && known.size !== size) {
      throw new SaeError(
        "shape_mismatch",
        `run: input '${name}' needed ${formatType(type)} with ${dim} = ${known.size} as in '${known.from}', got ${dim} = ${size}`,
      );
    }
    sizes.set(dim, known ?? { size, from: name });
  });
  const tensor = new OrtTensor(ortTypes[type.dtype], data as Float32Array, [...shape]);
  // Where the runtime has Float16Array (Node 24), onnxruntime's JavaScript makes one of the bits, which its native part, reading `data`, does not know.
  return type.dtype === "float16" ? Object.defineProperty(tensor, "data", { value: data }) : tensor;
}

function fromOrt({ type, data, dims }: OrtTensor): Value {
  const { buffer, byteOffset, length } = data as TypedData;
  // A Float16Array where there is one; its bits are what programs promise everywhere.
  return { data: type === "float16" ? new Uint16Array(buffer, byteOffset, length) : (data as TypedData), shape: dims };
}

interface ProfileEvent {
  readonly cat?: string;
  readonly dur?: number;
  readonly name?: string;
  readonly args?: {
    readonly op_name?: string;
    readonly input_type_shape?: Parameters<typeof profiledFlops>[1];
    readonly output_type_shape?: Parameters<typeof profiledFlops>[2];
  };
}

async function readProfile(session: InferenceSession, prefix: string, enabled: boolean): Promise<OpTime[]> {
  if (!enabled) throw new SaeError("no_profile", "profile: the program was compiled without `profile: true`");
  session.endProfiling();
  const { readdir } = await import("node:fs/promises");
  const folder = tmpdir();
  const file = (await readdir(folder)).find((name) => join(folder, name).startsWith(`${prefix}_`));
  if (!file) throw new SaeError("no_profile", `profile: onnxruntime wrote no file beginning with ${prefix}`);
  const events = JSON.parse(await readFile(join(folder, file), "utf8")) as ProfileEvent[];
  await rm(join(folder, file));
  const totals = new Map<string, Omit<OpTime, "op">>();
  for (const { cat, dur = 0, name = "", args } of events) {
    if (cat !== "Node" || !name.endsWith("_kernel_time") || !args?.op_name) continue;
    const { op_name: op, input_type_shape: inputs, output_type_shape: outputs } = args;
    const { ms, calls, flops } = totals.get(op) ?? { ms: 0, calls: 0, flops: 0 };
    totals.set(op, { ms: ms + dur / 1000, calls: calls + 1, flops: flops + profiledFlops(op, inputs, outputs) });
  }
  return [...totals].map(([op, total]) => ({ op, ...total })).sort((a, b) => b.ms - a.ms);
}
