/*
 * Rotary position embedding: pairs of features are turned by an angle that grows with the position, so that a dot product of two turned
 * vectors depends on the distance between their positions.
 *
 *   Su, Lu, Pan, Murtadha, Wen, Liu 2021, arXiv 2104.09864, equation 34
 *
 *   x [..., seq, heads, dHead]     positions [..., seq] int64     cos, sin [..., seq, pairs]     2 · pairs <= dHead
 */
import { add, mul, sub } from "./ops/binary.js";
import { cast, concat, reshape, slice } from "./ops/shape.js";
import { cos, sin } from "./ops/unary.js";
import { constant, type Tensor } from "./tensor.js";
import { broadcastShapes, type Dim, sameShape, shapeError } from "./tensorType.js";

/** Cosine and sine of the angle of each position and pair of features: [..., seq, pairs]. */
export interface RotaryTables {
  readonly cos: Tensor;
  readonly sin: Tensor;
}

/**
 * Which features make a pair. `split`: feature i and i + pairs (GPT-NeoX, Llama, Gemma); `interleaved`: 2i and 2i + 1 (GPT-J, the paper).
 */
export type RotaryLayout = "split" | "interleaved";

/**
 * Angle per position of each pair: base^(−2i / features).
 *
 * @param features how many features are turned (all of dHead, or fewer: "partial rotary"); even
 */
export const rotaryFrequencies = (features: number, base = 10_000): number[] =>
  Array.from({ length: features / 2 }, (_, pair) => base ** ((-2 * pair) / features));

/**
 * The tables for the positions of a batch; make them once and use them in every layer.
 *
 * @param positions int64 [..., seq]
 * @param frequencies from {@link rotaryFrequencies}, or a model's own (stretched for long contexts)
 */
export function rotaryTables(positions: Tensor, frequencies: readonly number[]): RotaryTables {
  if (positions.dtype !== "int64") throw shapeError("rotaryTables", "int64 positions [..., seq]", [positions]);
  const column = reshape(cast(positions, "float32"), [...positions.shape, 1]); // [..., seq, 1]
  const angles = mul(column, constant(frequencies)); // [..., seq, pairs]
  return { cos: cos(angles), sin: sin(angles) };
}

/**
 * Queries or keys with their features turned. Only the first 2 · pairs features of each head are; the others stay.
 *
 * @param x [..., seq, heads, dHead]
 */
export function rotate(x: Tensor, tables: RotaryTables, layout: RotaryLayout = "split"): Tensor {
  const dHead = x.shape.at(-1);
  const pairs = tables.cos.shape.at(-1);
  const leading: Dim[] = x.shape.slice(0, -1); // [..., seq, heads]
  const positions = [...tables.cos.shape.slice(0, -1), 1];
  if (
    typeof dHead !== "number" ||
    typeof pairs !== "number" ||
    2 * pairs > dHead ||
    !sameShape(broadcastShapes("rotate", leading, positions), leading)
  ) {
    throw shapeError(
      "rotate",
      "x [..., seq, heads, dHead] and tables [..., seq, pairs] of its positions, 2 · pairs <= dHead",
      [x, tables.cos],
    );
  }
  const perHead = (table: Tensor): Tensor => reshape(table, [...positions, pairs]); // [..., seq, 1, pairs]
  const [c, s] = [perHead(tables.cos), perHead(tables.sin)];
  const turn = (a: Tensor, b: Tensor): [Tensor, Tensor] => [sub(mul(a, c), mul(b, s)), add(mul(b, c), mul(a, s))];
  const rest = 2 * pairs < dHead ? [slice(x, -1, 2 * pairs, dHead)] : [];
  if (layout === "split") return concat([...turn(slice(x, -1, 0, pairs), slice(x, -1, pairs, 2 * pairs)), ...rest], -1);
  const paired = reshape(slice(x, -1, 0, 2 * pairs), [...leading, pairs, 2]);
  const [even, odd] = [0, 1].map((i) => reshape(slice(paired, -1, i, i + 1), [...leading, pairs])) as [Tensor, Tensor];
  const turned = concat(
    turn(even, odd).map((half) => reshape(half, [...leading, pairs, 1])),
    -1,
  ); // [..., pairs, 2]
  return concat([reshape(turned, [...leading, 2 * pairs]), ...rest], -1);
}
