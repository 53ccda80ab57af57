/*
 * Greedy continuation. What the texts begin with is read once where the family can go on from there, and nothing but an edit at positions is done to the
 * model; else every step reads the whole texts again. Where the caller can guess what comes, one pass checks a whole guess (greedy speculative decoding:
 * Leviathan, Kalman and Matias 2023, with a list for the small model).
 */
import { type CompileOptions, SaeError } from "@sae/core";
import { checkHookNames, type Hooks } from "../hooks.js";
import type { LanguageModel } from "../languageModel.js";
import { checkTexts, type Texts } from "../tokenBatch.js";
import { continuedPasses } from "./continuedPasses.js";
import type { PositionEdits } from "./passes.js";
import { wholePasses } from "./wholePasses.js";

export type { PositionEdits } from "./passes.js";

/** What is done to the model while it writes. */
export interface GeneratorOptions {
  /** Edits, as in `forward` of {@link compileModel}; they apply in each step. */
  readonly hooks?: Hooks;
  /** Hook at which `run` puts vectors of its caller, after what `hooks` does there. */
  readonly editHook?: string;
}

/** When to stop. */
export interface StopOptions {
  /** A whole number, 0 for none; Infinity for as many as the model's length allows. */
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
   * token, or when a text is as long as the model allows: nothing goes on from one that is so long from the start, and a longer one is an error.
   *
   * @throws SaeError `empty_text`, `bad_token`, `too_long`, `bad_edit`, `bad_option`; `non_finite` when the logits are NaN or Infinity
   */
  run(
    texts: Texts,
    options: StopOptions & { readonly edits?: PositionEdits; readonly guesses?: Guesses },
  ): Promise<number[][]>;
  /** Frees the program. */
  dispose(): Promise<void>;
}

/** Checks the texts and how far they shall go on, also where nothing will be computed. */
function checkPrompts(prompts: Texts, maxNewTokens: number, sizes: LanguageModel["sizes"]): void {
  if (!(maxNewTokens === Number.POSITIVE_INFINITY || (Number.isInteger(maxNewTokens) && maxNewTokens >= 0))) {
    throw new SaeError(
      "bad_option",
      `generate: needed maxNewTokens to be a whole number from 0 on or Infinity, got ${maxNewTokens}`,
    );
  }
  const empty = prompts.findIndex(({ length }) => length === 0);
  if (empty !== -1) {
    throw new SaeError("empty_text", `generate: needed at least one token, got none in text ${empty}; begin with bos`);
  }
  checkTexts("generate", prompts, sizes);
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
  checkHookNames(model, [...Object.keys(hooks), ...(editHook === undefined ? [] : [editHook])]);
  // A function of the user's may look at all positions of a text.
  const continued = Object.keys(hooks).length === 0 ? await continuedPasses(model, editHook, options) : null;
  const passes = continued ?? (await wholePasses(model, hooks, editHook, options));

  return {
    dispose: passes.dispose,
    run: async (prompts, { maxNewTokens, stop = [], edits, guesses = [] }) => {
      checkPrompts(prompts, maxNewTokens, model.sizes);
      checkEdits(prompts, dModel, editHook, edits);
      const texts = prompts.map((prompt) => Array.from(prompt));
      const written = prompts.map((): number[] => []);
      let active = [...prompts.keys()];
      const longest = Math.min(nCtx, Math.max(0, ...texts.map(({ length }) => length)) + maxNewTokens);
      const step = passes.begin({ texts, longest, edits });
      while (true) {
        active = active.filter((row) => written[row].length < maxNewTokens && texts[row].length < nCtx);
        if (active.length === 0) return written;
        const drafts = active.map((row) => {
          const most = Math.min(maxNewTokens - written[row].length, nCtx - texts[row].length) - 1;
          return guessed(guesses[row] ?? [], written[row], most);
        });
        const next = await step(active, drafts);
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
