import { fold, type Key, permutation, SaeError } from "@sae/core";
import type { LanguageModel } from "@sae/models";
import { entityPosition, type Misfit } from "./entityPosition.js";
import type { SplitTable } from "./splitTable.js";
import { placeholder, type Split } from "./table.js";

/** A template filled with an entity, in tokens. */
export interface Prompt {
  readonly attribute: string;
  /** Place of the template among those of the attribute. */
  readonly template: number;
  readonly entity: string;
  readonly split: Split;
  readonly text: string;
  /** Value of the attribute. */
  readonly label: string;
  readonly ids: readonly number[];
  /** Place of the entity's last token in `ids`. */
  readonly position: number;
}

/** Name of a prompt: `Country#3 Paris`. */
export const promptId = ({ attribute, template, entity }: Pick<Prompt, "attribute" | "template" | "entity">): string =>
  `${attribute}#${template} ${entity}`;

/** How many prompts are made. */
export interface PromptOptions {
  /** Stream of the choice. */
  readonly key: Key;
  /** Entities of both sides together, drawn at random; all when left out. */
  readonly entities?: number;
  /** Templates of an attribute on each side, drawn at random; all when left out. */
  readonly templates?: number;
  /** Tokens that have to fit behind a prompt. */
  readonly newTokens: number;
}

/** Prompts, and how many were left out and why. */
export interface Prompts {
  readonly prompts: readonly Prompt[];
  readonly leftOut: Readonly<Record<Misfit | "tooLong" | "named", number>>;
}

/**
 * Every entity with every template of its side. Left out are prompts whose entity ends inside a token (`merged`) or has none (`noToken`), prompts
 * that do not fit into the model with their completion (`tooLong`), and prompts whose template names the entity once more (`named`), as examples do:
 * the answer stands there already, and no edit at the other place takes it away.
 *
 * @throws SaeError `no_tokenizer`
 */
export function buildPrompts(table: SplitTable, model: LanguageModel, options: PromptOptions): Prompts {
  const { tokenizer, name, sizes } = model;
  if (tokenizer === null) {
    throw new SaeError(
      "no_tokenizer",
      `prompts: needed the tokenizer of ${name}, got a model without one; put its tokenizer.json beside it`,
    );
  }
  const { key, newTokens } = options;
  const share = Math.min(1, (options.entities ?? table.entities.length) / table.entities.length);
  const prompts: Prompt[] = [];
  const leftOut = { merged: 0, noToken: 0, tooLong: 0, named: 0 };
  for (const split of ["train", "test"] as const) {
    const all = table.entities.filter((entity) => entity.split === split);
    const entities = drawn(all, fold(key, "entities", split), Math.round(share * all.length));
    for (const [attribute, list] of Object.entries(table.templates)) {
      const own = list.map((template, i) => ({ ...template, i })).filter((template) => template.split === split);
      const templates = drawn(own, fold(key, "templates", attribute, split), options.templates ?? own.length);
      for (const { name: entity, attributes } of entities) {
        const label = attributes[attribute];
        if (!label) continue;
        for (const { template, i } of templates) {
          if (template.includes(entity)) {
            leftOut.named++;
            continue;
          }
          const start = template.indexOf(placeholder);
          const text = template.slice(0, start) + entity + template.slice(start + placeholder.length);
          const encoding = tokenizer.encode(text);
          const position = entityPosition(encoding, start, start + entity.length);
          if (typeof position === "string") leftOut[position]++;
          else if (encoding.ids.length + newTokens > sizes.nCtx) leftOut.tooLong++;
          else prompts.push({ attribute, template: i, entity, split, text, label, ids: encoding.ids, position });
        }
      }
    }
  }
  return { prompts, leftOut };
}

/** Some of the items, chosen at random, in their order. */
function drawn<Item>(items: readonly Item[], key: Key, count: number): Item[] {
  const order = permutation(key, items.length);
  return items.filter((_, i) => (order[i] as number) < count);
}
