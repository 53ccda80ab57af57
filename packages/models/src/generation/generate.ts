/*
 * Greedy continuation. Every pass runs the whole text again, without a cache of keys and values: right first, and fast enough for the short
 * completions that evaluations want. A text of s tokens that grows by n costs n forward passes of up to s + n tokens; where the caller can guess what
 * comes, one pass checks a whole guess (greedy speculative decoding: Leviathan, Kalman and Matias 2023, with a list for the small model).
 */
import { type CompileOptions, float32, int64, SaeError, type Tensor, type TensorType, type Value } from "@sae/core";
import { finalHook } from "./blocks/residualStream.js";
import { compileModel } from "./compileModel.js";
import type { Hooks } from "./hooks.js";
import type { LanguageModel } from "./languageModel.js";
import { setPositions, takePositions } from "./positions.js";
import { type Texts, tokenBatch } from "./tokenBatch.js";

/** What is done to the model while it writes. */
export interface GeneratorOptions {
  /** Edits, as in `forward` of {@link compileModel}; they apply in each step. */
  readonly hooks?: Hooks;
  /** Hook at which `run` puts vectors of its caller, after what `hooks` does there. */
  readonly editHook?: string;
}

/** Vectors that stand at one position of each text, at the generator's `editHook`, in each step. */
export interface PositionEdits {
  /** For each text the position, counted from its first token. */
  readonly positions: ArrayLike<number>;
  /** [batch, dModel], row-major. */
  readonly x: Float32Array;
}

/** When to stop. */
export interface StopOptions {
  readonly maxNewTokens: number;
  /** Tokens that end a text; they are not part of the result. */
  readonly stop?: readonly number[];
}

/** For each text continuations that are likely, the likeliest first. They change how many passes are made, never what is written. */
export type Guesses = readonly (readonly (readonly number[])[])[];

/** A compiled generator. */
export interface Generator {
  /**
   * The tokens that go on from each text, most probable first at every step (of equal ones the smaller id). Ends at `maxNewTokens`, before a stop
   * token, or when a text is as long as the model allows.
   *
   * @throws SaeError `empty_text`, `bad_token`, `too_long`, `bad_edit`
   */
  run(
    texts: Texts,
    options: StopOptions & { readonly edits?: PositionEdits; readonly guesses?: Guesses },
  ): Promise<number[][]>;
  /** Frees the program. */
  dispose(): Promise<void>;
}

/** Place of the largest value of each row of a matrix [rows, n]; the first of equal ones. */
function rowArgmax(data: Float32Array, rows: number): number[] {
  const n = data.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const values = data.subarray(row * n, (row + 1) * n);
    let best = 0;
    for (let i = 1; i < n; i++) if (values[i] > values[best]) best = i;
    return best;
  });
}

/** Checks that each text has one vector and that its position lies in the text. */
function checkEdits(
  texts: Texts,
  dModel: number,
  editHook: string | undefined,
  edits: PositionEdits | undefined,
): void {
  if ((editHook === undefined) !== (edits === undefined)) {
    throw new SaeError("bad_edit", "generate: needed both an editHook and edits, or neither, got one of them");
  }
  if (!edits) return;
  const { positions, x } = edits;
  if (positions.length !== texts.length || x.length !== texts.length * dModel) {
    throw new SaeError(
      "bad_edit",
      `generate: needed ${texts.length} positions and ${texts.length} · ${dModel} numbers, got ${positions.length} and ${x.length}`,
    );
  }
  texts.forEach((text, row) => {
    const position = positions[row];
    if (!Number.isInteger(position) || position < 0 || position >= text.length) {
      throw new SaeError(
        "bad_edit",
        `generate: needed a position from 0 to ${text.length - 1} for text ${row}, got ${position}`,
      );
    }
  });
}

const int64Rows = (rows: readonly (readonly number[])[]): Value => ({
  data: BigInt64Array.from(rows.flat(), BigInt),
  shape: [rows.length, rows[0].length],
});

/** What a guess that agrees with everything written so far says next, at most `most` tokens. */
function guessed(guesses: Guesses[number], written: readonly number[], most: number): readonly number[] {
  const agreeing = guesses.find(
    (guess) => guess.length > written.length && written.every((token, i) => token === guess[i]),
  );
  return agreeing?.slice(written.length, written.length + Math.max(0, most)) ?? [];
}

/**
 * Compiles greedy generation. See {@link generate} for one text.
 *
 * @throws SaeError `unknown_hook`
 */
export async function compileGenerator(
  model: LanguageModel,
  { hooks = {}, editHook, ...options }: GeneratorOptions & CompileOptions = {},
): Promise<Generator> {
  const { dModel, nCtx } = model.sizes;
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

  /** The tokens that each text goes on with: one, and another for each token of its draft that is what the model says. */
  const step = async (
    texts: Texts,
    drafts: readonly (readonly number[])[],
    edits: PositionEdits | undefined,
  ): Promise<number[][]> => {
    const { tokens } = tokenBatch(
      texts.map((text, row) => [...Array.from(text), ...drafts[row]]),
      model.sizes,
    );
    const asked = 1 + Math.max(...drafts.map(({ length }) => length));
    const places = texts.map(({ length }, row) =>
      Array.from({ length: asked }, (_, i) => length - 1 + Math.min(i, drafts[row].length)),
    );
    const feeds: Record<string, Value> = { tokens, asked: int64Rows(places) };
    if (edits) {
      feeds.position = int64Rows(Array.from(edits.positions, (position) => [position]));
      feeds.vector = { data: edits.x, shape: [texts.length, 1, dModel] };
    }
    const { logits } = await program.run(feeds);
    const best = rowArgmax(logits.data as Float32Array, texts.length * asked);
    return drafts.map((draft, row) => {
      const said = best.slice(row * asked, (row + 1) * asked);
      const agreed = draft.findIndex((token, i) => token !== said[i]);
      return said.slice(0, 1 + (agreed === -1 ? draft.length : agreed));
    });
  };

  return {
    dispose: program.dispose,
    run: async (prompts, { maxNewTokens, stop = [], edits, guesses = [] }) => {
      prompts.forEach((prompt, row) => {
        if (prompt.length > 0) return;
        throw new SaeError(
          "empty_text",
          `generate: needed at least one token, got none in text ${row}; begin with bos`,
        );
      });
      checkEdits(prompts, dModel, editHook, edits);
      const texts = prompts.map((prompt) => Array.from(prompt));
      const written = prompts.map((): number[] => []);
      let active = [...prompts.keys()].filter(() => maxNewTokens > 0);
      while (true) {
        active = active.filter((row) => written[row].length < maxNewTokens && texts[row].length < nCtx);
        if (active.length === 0) return written;
        const next = await step(
          active.map((row) => texts[row]),
          active.map((row) => {
            const most = Math.min(maxNewTokens - written[row].length, nCtx - texts[row].length) - 1;
            return guessed(guesses[row] ?? [], written[row], most);
          }),
          edits && rowsOf(edits, active, dModel),
        );
        const stopped = new Set<number>();
        active.forEach((row, i) => {
          const end = next[i].findIndex((token) => stop.includes(token));
          if (end !== -1) stopped.add(row);
          const said = end === -1 ? next[i] : next[i].slice(0, end);
          texts[row].push(...said);
          written[row].push(...said);
        });
        active = active.filter((row) => !stopped.has(row));
      }
    },
  };
}

/** The edits of some of the texts. */
function rowsOf({ positions, x }: PositionEdits, rows: readonly number[], dModel: number): PositionEdits {
  const picked = new Float32Array(rows.length * dModel);
  rows.forEach((row, i) => {
    picked.set(x.subarray(row * dModel, (row + 1) * dModel), i * dModel);
  });
  return { positions: rows.map((row) => positions[row]), x: picked };
}

/** One vector at one place: what stands at `hook` at `position` is `x` [dModel] instead. */
export interface PositionEdit {
  readonly hook: string;
  readonly position: number;
  readonly x: Float32Array;
}

/**
 * The tokens that go on from `ids`, greedily. For several texts, or several edits at one hook, compile a generator once.
 *
 * @throws SaeError those of {@link compileGenerator} and of its `run`
 * @example
 * const answer = model.tokenizer.decode(await generate(model, ids, { maxNewTokens: 8, stop: [model.tokenizer.eos] }));
 */
export async function generate(
  model: LanguageModel,
  ids: ArrayLike<number>,
  {
    maxNewTokens,
    stop,
    hooks,
    edit,
    ...options
  }: StopOptions & { readonly hooks?: Hooks; readonly edit?: PositionEdit } & CompileOptions,
): Promise<number[]> {
  const generator = await compileGenerator(model, {
    ...options,
    ...(hooks && { hooks }),
    ...(edit && { editHook: edit.hook }),
  });
  try {
    const edits = edit && { positions: [edit.position], x: edit.x };
    const [written] = await generator.run([ids], {
      maxNewTokens,
      ...(stop && { stop }),
      ...(edits && { edits }),
    });
    return written;
  } finally {
    await generator.dispose();
  }
}
