import { type CompileOptions, float32, int64, type Tensor, type TensorType, type Value } from "@sae/core";
import { continuedTexts, nowhere, watched, wholeTexts } from "../blocks/causality.js";
import { finalHook } from "../blocks/residualStream.js";
import { buildModelGraph, compileModel } from "../compileModel.js";
import type { LanguageModel } from "../languageModel.js";
import { setPositions, takePositions } from "../positions.js";
import { tokenBatch } from "../tokenBatch.js";
import { askedPlaces, int64Rows, type Passes, said, vectorsOf } from "./passes.js";

/** Sizes of the keys and values of a layer. */
interface KeptSizes {
  readonly nKvHeads: number;
  readonly dHead: number;
}

/** Those of every layer; null where the family does not let them be remembered. */
function keptSizes(model: LanguageModel): KeptSizes[] | null {
  const sizes: KeptSizes[] = [];
  buildModelGraph(model, {}, ({ tokens, forward }) => ({
    logits: forward(
      {},
      watched(wholeTexts(tokens), (layer, { k }) => {
        const [, , nKvHeads, dHead] = k.shape as readonly [unknown, unknown, number, number];
        sizes[layer] = { nKvHeads, dHead };
      }),
    ),
  }));
  return sizes.length === model.sizes.nLayers && sizes.length > 0 ? sizes : null;
}

const parts = ["k", "v"] as const;
const nameOf = (part: string, layer: number): string => `${part}.${layer}`;

/**
 * The first step runs the texts, and every further one only what is new: keys and values of what was read are kept. A text of s tokens that grows by n
 * costs a pass of s tokens and n − 1 of one. Null where the family cannot.
 */
export async function continuedPasses(
  model: LanguageModel,
  editHook: string | undefined,
  options: CompileOptions,
): Promise<Passes | null> {
  const sizes = keptSizes(model);
  if (sizes === null) return null;
  const { dModel } = model.sizes;
  const layers = [...sizes.entries()];
  const extra: Record<string, TensorType> = {
    asked: int64("batch", "asked"),
    positions: int64("batch", "seq"),
    keyPositions: int64("batch", "keys+seq"),
    ...(editHook !== undefined && { position: int64("batch", 1), vector: float32("batch", 1, dModel) }),
    ...Object.fromEntries(
      layers.flatMap(([layer, { nKvHeads, dHead }]) =>
        parts.map((part) => [nameOf(part, layer), float32("batch", "keys", nKvHeads, dHead)]),
      ),
    ),
  };
  const program = await compileModel(
    model,
    extra,
    ({ inputs, forward }) => {
      const kept = layers.map(([layer]) => ({ k: inputs[nameOf("k", layer)], v: inputs[nameOf("v", layer)] }));
      const outputs: Record<string, Tensor> = {};
      const causal = watched(continuedTexts(inputs.positions, inputs.keyPositions, kept), (layer, own) => {
        for (const part of parts) outputs[nameOf(part, layer)] = own[part];
      });
      const edit = (x: Tensor): Tensor => setPositions(x, inputs.position, inputs.vector);
      const asked = (x: Tensor): Tensor => takePositions(editHook === finalHook ? edit(x) : x, inputs.asked);
      // Logits are wanted at few positions of each text only, and nothing after the last norm mixes positions.
      const hooks = { ...(editHook !== undefined && { [editHook]: edit }), [finalHook]: asked };
      outputs.logits = forward(hooks, causal); // [batch, asked, dVocab]
      return outputs;
    },
    options,
  );

  const names = layers.flatMap(([layer, size]) => parts.map((part) => ({ name: nameOf(part, layer), ...size })));
  return {
    dispose: program.dispose,
    begin: ({ texts, longest, edits }) => {
      /** Tokens of each text whose keys and values are kept. */
      const read = texts.map(() => 0);
      const kept = keptRows(names, longest);
      return async (rows, drafts) => {
        kept.continueWith(rows);
        const fresh = rows.map((row, i) => [...texts[row].slice(read[row]), ...drafts[i]]);
        const { tokens } = tokenBatch(fresh, model.sizes);
        const places = Array.from({ length: tokens.shape[1] }, (_, i) => i);
        const slots = Array.from({ length: kept.slots }, (_, slot) => slot);
        const feeds: Record<string, Value> = {
          tokens,
          // Padding stands where the last token does, and is neither seen nor kept.
          positions: int64Rows(
            rows.map((row, i) => places.map((place) => read[row] + Math.min(place, fresh[i].length - 1))),
          ),
          keyPositions: int64Rows(
            rows.map((row, i) => [
              ...slots.map((slot) => (slot < read[row] ? slot : nowhere)),
              ...places.map((place) => (place < fresh[i].length ? read[row] + place : nowhere)),
            ]),
          ),
          asked: askedPlaces(
            rows.map((row) => texts[row].length - read[row] - 1),
            drafts,
          ),
          ...kept.feeds(rows.length),
        };
        if (edits) {
          // What was edited is kept as it became: only a pass that reads the position has anything to do.
          const placeOf = (row: number) => edits.positions[row] - read[row];
          feeds.position = int64Rows(rows.map((row) => [Math.max(-1, placeOf(row))]));
          feeds.vector = vectorsOf(edits, rows, dModel);
        }
        const { logits, ...own } = await program.run(feeds);
        kept.add(
          own,
          rows.map((row, i) => ({ row, start: read[row], length: fresh[i].length })),
        );
        const next = said(logits, drafts);
        // Of a draft only what was said is part of the text; what else is kept lies behind it, in slots that count as empty.
        rows.forEach((row, i) => {
          read[row] = texts[row].length + next[i].length - 1;
        });
        return next;
      };
    },
  };
}

/** What one text adds: so many tokens from a position on. */
interface Added {
  readonly row: number;
  readonly start: number;
  readonly length: number;
}

/**
 * Keys and values of texts, [texts, slots, nKvHeads, dHead] under each name; the slot of a token is its position. What a pass gives is laid out when there is
 * another: many texts take one.
 */
function keptRows(names: readonly ({ readonly name: string } & KeptSizes)[], longest: number) {
  const sizeOf = ({ nKvHeads, dHead }: KeptSizes): number => nKvHeads * dHead;
  let data: ReadonlyMap<string, Float32Array> | null = null;
  let last: { readonly own: Readonly<Record<string, Value>>; readonly added: readonly Added[] } | null = null;
  return {
    /** Nothing is kept before the first pass; there is a slot all the same, because not every provider takes tensors without elements. */
    get slots(): number {
      return data === null ? 1 : longest;
    },
    /** Lays out what the last pass gave, and lets go of texts that have ended. */
    continueWith(rows: readonly number[]): void {
      if (last === null) return;
      const { own, added } = last;
      data ??= new Map(names.map((one) => [one.name, new Float32Array(added.length * longest * sizeOf(one))]));
      for (const one of names) {
        const size = sizeOf(one);
        const all = data.get(one.name) as Float32Array;
        const { data: fresh, shape } = own[one.name];
        added.forEach(({ start, length }, i) => {
          const from = i * shape[1] * size;
          all.set((fresh as Float32Array).subarray(from, from + length * size), (i * longest + start) * size);
        });
        if (rows.length === added.length) continue;
        rows.forEach((row, i) => {
          const from = added.findIndex((text) => text.row === row);
          all.copyWithin(i * longest * size, from * longest * size, (from + 1) * longest * size);
        });
      }
    },
    feeds: (texts: number): Record<string, Value> =>
      Object.fromEntries(
        names.map((one) => {
          const shape = [texts, data === null ? 1 : longest, one.nKvHeads, one.dHead];
          const length = shape.reduce((product, dim) => product * dim);
          return [one.name, { data: data?.get(one.name)?.subarray(0, length) ?? new Float32Array(length), shape }];
        }),
      ),
    add(own: Readonly<Record<string, Value>>, added: readonly Added[]): void {
      last = { own, added };
    },
  };
}
