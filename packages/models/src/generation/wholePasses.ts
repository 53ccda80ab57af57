import { type CompileOptions, float32, int64, type Tensor, type TensorType, type Value } from "@sae/core";
import { finalHook } from "../blocks/residualStream.js";
import { compileModel } from "../compileModel.js";
import type { Hooks } from "../hooks.js";
import type { LanguageModel } from "../languageModel.js";
import { setPositions, takePositions } from "../positions.js";
import { tokenBatch } from "../tokenBatch.js";
import { askedPlaces, int64Rows, type Passes, said, vectorsOf } from "./passes.js";

/**
 * Every step runs the whole texts again. A text of s tokens that grows by n costs n passes of up to s + n tokens; right for edits of any kind, and the
 * reference of `continuedPasses`.
 */
export async function wholePasses(
  model: LanguageModel,
  hooks: Hooks,
  editHook: string | undefined,
  options: CompileOptions,
): Promise<Passes> {
  const { dModel } = model.sizes;
  const extra: Record<string, TensorType> = {
    asked: int64("batch", "asked"),
    ...(editHook !== undefined && { position: int64("batch", 1), vector: float32("batch", 1, dModel) }),
  };
  const program = await compileModel(
    model,
    extra,
    ({ inputs, forward }) => {
      const before = (name: string, x: Tensor): Tensor => hooks[name]?.(x) ?? x;
      const edit = editHook !== undefined && {
        [editHook]: (x: Tensor) => setPositions(before(editHook, x), inputs.position, inputs.vector),
      };
      const withEdit: Hooks = { ...hooks, ...edit };
      // Logits are wanted at few positions of each text only, and nothing after the last norm mixes positions.
      const asked = (x: Tensor): Tensor => takePositions(withEdit[finalHook]?.(x) ?? x, inputs.asked);
      return { logits: forward({ ...withEdit, [finalHook]: asked }) }; // [batch, asked, dVocab]
    },
    options,
  );
  return {
    dispose: program.dispose,
    begin:
      ({ texts, edits }) =>
      async (rows, drafts) => {
        const { tokens } = tokenBatch(
          rows.map((row, i) => [...texts[row], ...drafts[i]]),
          model.sizes,
        );
        const last = rows.map((row) => texts[row].length - 1);
        const feeds: Record<string, Value> = { tokens, asked: askedPlaces(last, drafts) };
        if (edits) {
          feeds.position = int64Rows(rows.map((row) => [edits.positions[row]]));
          feeds.vector = vectorsOf(edits, rows, dModel);
        }
        const { logits } = await program.run(feeds);
        return said(logits, drafts);
      },
  };
}
