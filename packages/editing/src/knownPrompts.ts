import { SaeError } from "@sae/core";
import type { Tokenizer } from "@sae/models";
import { isRight } from "./isRight.js";
import type { Prompt } from "./prompts.js";

/** A prompt that the model answers rightly. */
export interface KnownPrompt extends Prompt {
  /** What the model says. */
  readonly completion: string;
  /** Its tokens, at least one. */
  readonly answer: readonly number[];
}

/** Right answers of so many. */
export interface Recall {
  readonly asked: number;
  readonly right: number;
}

/** What the model knows. */
export interface Knowledge {
  readonly prompts: readonly KnownPrompt[];
  /** Before entities were chosen, by attribute. */
  readonly recall: Readonly<Record<string, Recall>>;
  /** Entities with a right answer, and those that were kept. */
  readonly entities: { readonly known: number; readonly kept: number };
}

/**
 * The prompts that are answered rightly, of the entities that the model knows most about: on each side those with the largest share of right
 * answers, of equal ones the first of the table.
 *
 * @param completions tokens after each prompt
 * @param entities so many are kept, of both sides in proportion to how many there are
 * @throws SaeError `nothing_known`
 */
export function knownPrompts(
  prompts: readonly Prompt[],
  completions: readonly (readonly number[])[],
  tokenizer: Pick<Tokenizer, "decode">,
  entities = Number.POSITIVE_INFINITY,
): Knowledge {
  const recall: Record<string, { asked: number; right: number }> = {};
  const byEntity = new Map<string, { split: string; asked: number; right: number }>();
  const known: KnownPrompt[] = [];
  prompts.forEach((prompt, i) => {
    const { attribute, entity, split, text, label } = prompt;
    const ids = completions[i] as readonly number[];
    const completion = tokenizer.decode(ids);
    const right = isRight({ attribute, prompt: text, label, completion });
    const counts = byEntity.get(entity) ?? { split, asked: 0, right: 0 };
    byEntity.set(entity, counts);
    recall[attribute] ??= { asked: 0, right: 0 };
    for (const count of [counts, recall[attribute]]) {
      count.asked++;
      if (right) count.right++;
    }
    if (right) known.push({ ...prompt, completion, answer: ids });
  });
  if (known.length === 0) throw nothingKnown(prompts, completions, tokenizer);
  const found = [...byEntity].filter(([, { right }]) => right > 0);
  const share = Math.min(1, entities / found.length);
  const kept = new Set(
    ["train", "test"].flatMap((side) => {
      const own = found.filter(([, { split }]) => split === side);
      return own
        .map(([entity, { asked, right }], i) => ({ entity, i, share: right / asked }))
        .sort((a, b) => b.share - a.share || a.i - b.i)
        .slice(0, Math.ceil(share * own.length))
        .map(({ entity }) => entity);
    }),
  );
  return {
    prompts: known.filter(({ entity }) => kept.has(entity)),
    recall,
    entities: { known: found.length, kept: kept.size },
  };
}

function nothingKnown(
  prompts: readonly Prompt[],
  completions: readonly (readonly number[])[],
  tokenizer: Pick<Tokenizer, "decode">,
): SaeError {
  const [first] = prompts;
  const example =
    first === undefined
      ? "there was no prompt"
      : `after '${first.text}' it says '${tokenizer.decode(completions[0] as readonly number[])}', not '${first.label}'`;
  return new SaeError(
    "nothing_known",
    `RAVEL: needed entities that the model knows something about, got none in ${prompts.length} prompts (${example}); ` +
      "take a larger model, another table, or more new tokens",
  );
}
