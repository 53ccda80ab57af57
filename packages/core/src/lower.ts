import { create, toBinary } from "@bufbuild/protobuf";
import {
  type AttributeProto,
  AttributeProto_AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
  TensorProto_DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from "onnx-buf";
import { SaeError } from "./error.js";
import { encodeFloat16 } from "./float16.js";
import type { LowerContext, OnnxAttribute, Target } from "./lowerContext.js";
import { type Graph, isPlaceholder, type Node, type Tensor, type TypedData, topologicalOrder } from "./tensor.js";
import type { DType, TensorType } from "./tensorType.js";

// Not the newest on purpose: onnxruntime's CUDA kernels are registered for ranges of opsets that end later than those of the ONNX schemas,
// and an operator outside its range falls back to the CPU. At 18 every operator that is emitted lies inside (see providerKernels.ts).
const opset = 18n;
const irVersion = 9n;

const onnxType: Record<DType, TensorProto_DataType> = {
  float32: TensorProto_DataType.FLOAT,
  float16: TensorProto_DataType.FLOAT16,
  int64: TensorProto_DataType.INT64,
  bool: TensorProto_DataType.BOOL,
};

const valueInfo = (name: string, type: TensorType): ValueInfoProto =>
  create(ValueInfoProtoSchema, {
    name,
    type: {
      value: {
        case: "tensorType",
        value: {
          elemType: onnxType[type.dtype],
          shape: {
            dim: type.shape.map((dim) => ({
              value:
                typeof dim === "number"
                  ? { case: "dimValue" as const, value: BigInt(dim) }
                  : { case: "dimParam" as const, value: dim },
            })),
          },
        },
      },
    },
  });

function attributeProto(name: string, value: OnnxAttribute): AttributeProto {
  const proto = create(AttributeProtoSchema, { name });
  if (typeof value === "number") Object.assign(proto, { type: AttributeProto_AttributeType.INT, i: BigInt(value) });
  else if (typeof value === "string")
    Object.assign(proto, { type: AttributeProto_AttributeType.STRING, s: new TextEncoder().encode(value) });
  else if ("float" in value) Object.assign(proto, { type: AttributeProto_AttributeType.FLOAT, f: value.float });
  else if ("floats" in value)
    Object.assign(proto, { type: AttributeProto_AttributeType.FLOATS, floats: [...value.floats] });
  else if ("graph" in value) Object.assign(proto, { type: AttributeProto_AttributeType.GRAPH, g: value.graph });
  else Object.assign(proto, { type: AttributeProto_AttributeType.INTS, ints: value.map((int) => BigInt(int)) });
  return proto;
}

function bytesOf(dtype: DType, values: readonly number[] | TypedData): Uint8Array<ArrayBuffer> {
  const list = Array.from(values as ArrayLike<number | bigint>);
  if (dtype === "float32") return new Uint8Array(Float32Array.from(list, Number).buffer);
  if (dtype === "int64") return new Uint8Array(BigInt64Array.from(list, BigInt).buffer);
  if (dtype === "bool") return Uint8Array.from(list, Number);
  return new Uint8Array(
    (values instanceof Uint16Array ? values.slice() : encodeFloat16(Float64Array.from(list, Number)))
      .buffer as ArrayBuffer,
  );
}

/** By bytes: numbers and bits of float16 are written with the same digits, and so are 0 and −0. */
const constantKey = (dtype: DType, shape: readonly number[], bytes: Uint8Array): string =>
  `${dtype}|${shape.join(",")}|${bytes.join(",")}`;

/** Shared by the bodies of one model: fresh names, and the constants, which all live at the top level. */
interface ModelState {
  readonly target: Target;
  readonly initializers: TensorProto[];
  readonly constants: Map<string, string>;
  names: number;
}

/** Names of the values already written, seen from inside a body outwards. */
interface Scope {
  readonly names: Map<Tensor, string>;
  /** Output names by operation, attributes and inputs: a node that was written once is not written again. */
  readonly written: Map<string, readonly string[]>;
  readonly parent?: Scope;
}

function lookUp<T>(scope: Scope | undefined, find: (scope: Scope) => T | undefined): T | undefined {
  for (let at = scope; at; at = at.parent) {
    const found = find(at);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Equal keys mean equal values; null for nodes whose attributes cannot be compared, and for constants, which are shared on their own. */
const nodeKey = (node: Node, inputs: readonly string[]): string | null =>
  node.op.opaque || node.inputs.length === 0
    ? null
    : `${node.op.name}|${JSON.stringify(node.attrs)}|${inputs.join("|")}`;

class Writer implements LowerContext {
  readonly nodes: NodeProto[] = [];
  readonly target: Target;
  constructor(
    private readonly state: ModelState,
    private readonly scope: Scope,
  ) {
    this.target = state.target;
  }

  private fresh(prefix: string): string {
    return `${prefix}_${this.state.names++}`;
  }

  emitMany(
    opType: string,
    inputs: readonly string[],
    outputs: number,
    attributes: Record<string, OnnxAttribute> = {},
    domain = "",
  ): string[] {
    const names = Array.from({ length: outputs }, () => this.fresh(opType));
    this.nodes.push(
      create(NodeProtoSchema, {
        name: this.fresh(`node_${opType}`),
        opType,
        domain,
        input: [...inputs],
        output: names,
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      }),
    );
    return names;
  }

  emit(opType: string, inputs: readonly string[], attributes?: Record<string, OnnxAttribute>, domain?: string): string {
    return this.emitMany(opType, inputs, 1, attributes, domain)[0] as string;
  }

  once(key: string, write: () => readonly string[]): readonly string[] {
    const known = lookUp(this.scope, ({ written }) => written.get(key));
    if (known) return known;
    const names = write();
    this.scope.written.set(key, names);
    return names;
  }

  elementType(dtype: DType): number {
    return onnxType[dtype];
  }

  constant(dtype: DType, shape: readonly number[], values: readonly number[] | TypedData): string {
    const rawData = bytesOf(dtype, values);
    const key = values.length <= 64 ? constantKey(dtype, shape, rawData) : null;
    const known = key === null ? undefined : this.state.constants.get(key);
    if (known !== undefined) return known;
    const name = this.fresh("constant");
    this.state.initializers.push(
      create(TensorProtoSchema, {
        name,
        dataType: onnxType[dtype],
        dims: shape.map(BigInt),
        rawData,
      }),
    );
    if (key !== null) this.state.constants.set(key, name);
    return name;
  }

  ints(...values: number[]): string {
    return this.constant("int64", [values.length], values);
  }

  /** Writes every node that `outputs` need and that no surrounding scope has written. */
  write(outputs: readonly Tensor[]): void {
    for (const node of topologicalOrder(outputs)) {
      const first = node.outputs[0] as Tensor;
      if (isPlaceholder(first) || lookUp(this.scope, ({ names }) => names.get(first)) !== undefined) continue;
      const inputs = node.inputs.map((input) => this.nameOf(input, node));
      const key = nodeKey(node, inputs);
      const lower = () => node.op.lower(this, inputs, node.attrs, node);
      const names = key === null ? lower() : this.once(key, lower);
      node.outputs.forEach((output, i) => {
        this.scope.names.set(output, names[i] as string);
      });
    }
  }

  nameOf(tensor: Tensor, user?: Node): string {
    const name = lookUp(this.scope, ({ names }) => names.get(tensor));
    if (name === undefined) {
      const what = (tensor.node.attrs as { name?: string }).name ?? tensor.node.op.name;
      throw new SaeError(
        "unbound_input",
        `${user?.op.name ?? "output"}: needs '${what}', which is no input of the program; add it to the inputs`,
      );
    }
    return name;
  }

  subgraph(body: Graph, bound: ReadonlyMap<number, string> = new Map()): GraphProto {
    const scope: Scope = { names: new Map(), written: new Map(), parent: this.scope };
    const writer = new Writer(this.state, scope);
    const inputs: ValueInfoProto[] = [];
    body.params.forEach((param, i) => {
      const name = bound.get(i) ?? this.fresh("param");
      scope.names.set(param, name);
      if (!bound.has(i)) inputs.push(valueInfo(name, param));
    });
    writer.write(body.outputs);
    return create(GraphProtoSchema, {
      name: this.fresh("body"),
      input: inputs,
      node: writer.nodes,
      output: writer.outputInfos(body.outputs),
    });
  }

  forEachRow(
    sequences: readonly { readonly name: string; readonly row: TensorType }[],
    results: readonly TensorType[],
    body: (context: LowerContext, rows: readonly string[]) => readonly string[],
  ): string[] {
    const writer = new Writer(this.state, { names: new Map(), written: new Map(), parent: this.scope });
    const rows = sequences.map(() => this.fresh("row"));
    const names = body(writer, rows);
    const graph = create(GraphProtoSchema, {
      name: this.fresh("body"),
      input: sequences.map(({ row }, i) => valueInfo(rows[i] as string, row)),
      node: writer.nodes,
      output: names.map((name, i) => valueInfo(name, results[i] as TensorType)),
    });
    return this.emitMany(
      "Scan",
      sequences.map(({ name }) => name),
      results.length,
      { num_scan_inputs: sequences.length, body: { graph } },
    );
  }

  /** Graph outputs need names of their own: a value that is also an input, a constant or another output passes an Identity. */
  outputInfos(outputs: readonly Tensor[], wanted?: readonly string[]): ValueInfoProto[] {
    const produced = new Set(this.nodes.flatMap((node) => node.output));
    const used = new Set<string>();
    return outputs.map((output, i) => {
      let name = this.nameOf(output);
      const target = wanted?.[i];
      if (target !== undefined || !produced.has(name) || used.has(name)) {
        const out = target ?? this.fresh("out");
        this.nodes.push(create(NodeProtoSchema, { opType: "Identity", input: [name], output: [out] }));
        name = out;
      }
      used.add(name);
      return valueInfo(name, output);
    });
  }

  inputInfo(name: string, tensor: Tensor): ValueInfoProto {
    this.scope.names.set(tensor, name);
    return valueInfo(name, tensor);
  }
}

/** A graph with names for what goes in and comes out. */
export interface NamedGraph {
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: Readonly<Record<string, Tensor>>;
  /** Inputs that are constants of the model instead; the bytes of each lie outside it, under a path that onnxruntime is given with them. */
  readonly kept?: readonly KeptInput[];
}

/** An input whose value is known. */
export interface KeptInput {
  readonly name: string;
  readonly path: string;
  readonly shape: readonly number[];
  /** Row-major, little-endian. */
  readonly data: Uint8Array;
}

/** The constant of an input that is kept: a model's own bytes cannot be more than 2 GB. */
function keptConstant({ name, path, shape, data }: KeptInput, dtype: DType): TensorProto {
  const known = { name, dataType: onnxType[dtype], dims: shape.map(BigInt) };
  // onnxruntime refuses to look for nothing in a file.
  if (data.length === 0) return create(TensorProtoSchema, { ...known, rawData: new Uint8Array() });
  return create(TensorProtoSchema, {
    ...known,
    dataLocation: TensorProto_DataLocation.EXTERNAL,
    externalData: Object.entries({ location: path, offset: "0", length: `${data.length}` }).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    ),
  });
}

/** See `onnxBytes`. */
export function lowerToOnnx(graph: NamedGraph, target: Target): Uint8Array {
  const state: ModelState = { target, initializers: [], constants: new Map(), names: 0 };
  const writer = new Writer(state, { names: new Map(), written: new Map() });
  const kept = new Map(graph.kept?.map((one) => [one.name, one]));
  const input = Object.entries(graph.inputs).flatMap(([name, tensor]) => {
    const info = writer.inputInfo(name, tensor);
    const known = kept.get(name);
    if (known === undefined) return [info];
    state.initializers.push(keptConstant(known, tensor.dtype));
    return [];
  });
  writer.write(Object.values(graph.outputs));
  const output = writer.outputInfos(Object.values(graph.outputs), Object.keys(graph.outputs));
  const proto = create(GraphProtoSchema, {
    name: "graph",
    input,
    node: writer.nodes,
    output,
    initializer: state.initializers,
  });
  return toBinary(
    ModelProtoSchema,
    create(ModelProtoSchema, {
      irVersion,
      producerName: "@sae/core",
      opsetImport: [
        { domain: "", version: opset },
        { domain: "com.microsoft", version: 1n },
      ],
      graph: proto,
    }),
  );
}
