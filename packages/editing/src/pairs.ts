import { fold, type Key, keyedPermutation, SaeError } from "@sae/core";
import { isRight } from "./isRight.js";
import type { KnownPrompt } from "./knownPrompts.js";
import { promptId } from "./prompts.js";
import type { Split } from "./table.js";

/**
 * What an edit shall do: `cause` to give the base prompt the source's value of the edited attribute, `isolation` to leave the base prompt's other
 * attribute as it is.
 */
export type PairKind = "cause" | "isolation";

/** A base prompt that is edited with features of a source prompt. */
export interface EditPair {
  /** `Country/cause Country#3 Paris <- Country#7 Tokyo`. */
  readonly id: string;
  readonly kind: PairKind;
  /** The attribute that the edit is for. */
  readonly edited: string;
  /** The attribute that both prompts ask for: `edited` for cause, another one for isolation. */
  readonly asked: string;
  /** Places in the list of prompts. */
  readonly base: number;
  readonly source: number;
  /** What the completion is judged against: the source's value for cause, the base's for isolation. */
  readonly label: string;
  /** What the model itself says after the base prompt when that is the answer, in tokens; a mask is trained on the first. */
  readonly answer: readonly number[];
}

/** Pairs for one attribute: as many of one kind as of the other. */
export interface AttributePairs extends Readonly<Record<Split, readonly EditPair[]>> {
  readonly attribute: string;
  /** Kind of entities that it is of, where that was said: scores are means over the attributes of a kind, then over kinds. */
  readonly entityType?: string;
}

/** An attribute without pairs, and why. */
export interface LeftOut {
  readonly attribute: string;
  readonly code: "too_few_labels" | "too_few_pairs";
  readonly reason: string;
}

/** Pairs of all attributes, and the prompts that they are of. */
export interface EditPairs {
  readonly prompts: readonly KnownPrompt[];
  readonly attributes: readonly AttributePairs[];
  readonly leftOut: readonly LeftOut[];
}

/** How many pairs are drawn. */
export interface PairOptions {
  /** Stream of the draws. */
  readonly key: Key;
  /** Attributes to edit, in this order, two or more; those of the prompts when left out. One that the model knows nothing of is reported. */
  readonly attributes?: readonly string[];
  /** Kind of entities that the prompts are about. */
  readonly entityType?: string;
  /** Pairs of each kind, for each attribute, at most. */
  readonly pairs: Readonly<Record<Split, number>>;
  /** An attribute with fewer of a kind on one side is left out. Default 8. */
  readonly least?: number;
}

const kinds: readonly PairKind[] = ["cause", "isolation"];
const splits: readonly Split[] = ["train", "test"];

/** Two prompts are drawn so often before it is said that there are no more pairs. */
const mostDraws = 1 << 22;

/**
 * Draws pairs of prompts of the same side. No pair is drawn twice.
 *
 * Cause: base and source ask for the edited attribute, their values differ, the base's own completion would not pass for the source's value, and the
 * model is right about the source's entity in the base's words as well: what it says there gives the token to train on. Isolation: base and source ask
 * for the same other attribute, whose values differ; all other attributes in equal shares, as far as there are pairs.
 *
 * @throws SaeError `too_few_pairs` for a single attribute, and when no attribute is left
 */
export function drawPairs(known: readonly KnownPrompt[], options: PairOptions): EditPairs {
  const { key, pairs, entityType, least = 8 } = options;
  const names = options.attributes ?? [...new Set(known.map(({ attribute }) => attribute))];
  if (new Set(names).size < 2) {
    throw new SaeError(
      "too_few_pairs",
      `RAVEL: isolation needs a second attribute, got ${names.length === 0 ? "none" : `only '${names[0]}'`}; add another attribute of the same entities`,
    );
  }
  const labels = new Map(names.map((name) => [name, new Set<string>()]));
  for (const { attribute, label } of known) labels.get(attribute)?.add(label);
  const hasTwoValues = (name: string): boolean => (labels.get(name) as Set<string>).size >= 2;
  const byName = new Map(known.map((prompt, i) => [promptId(prompt), i]));
  const attributes: AttributePairs[] = [];
  const leftOut: LeftOut[] = [];
  for (const attribute of names) {
    if (!hasTwoValues(attribute)) {
      const [only] = labels.get(attribute) as Set<string>;
      const reason = `${attribute}: needed prompts with two values or more that the model knows, got ${only === undefined ? "none" : `only '${only}'`}; add entities, or leave the attribute out`;
      leftOut.push({ attribute, code: "too_few_labels", reason });
      continue;
    }
    const others = names.filter((name) => name !== attribute && hasTwoValues(name));
    if (others.length === 0) {
      const reason = `${attribute}: isolation needs a second attribute with two values or more that the model knows, got none; add entities or another attribute`;
      leftOut.push({ attribute, code: "too_few_labels", reason });
      continue;
    }
    const drawnOf = (split: Split): EditPair[] => {
      const draw = (kind: PairKind, asked: string, count: number) =>
        drawKind(
          known,
          byName,
          { key: fold(key, attribute, split, kind, asked), split, kind, edited: attribute, asked },
          count,
        );
      const cause = draw("cause", attribute, pairs[split]);
      const isolation = inEqualShares(
        others.map((asked) => draw("isolation", asked, cause.length)),
        cause.length,
      );
      return [...cause.slice(0, isolation.length), ...isolation];
    };
    const found = {
      attribute,
      ...(entityType !== undefined && { entityType }),
      train: drawnOf("train"),
      test: drawnOf("test"),
    };
    const few = splits.find((split) => found[split].length < kinds.length * least);
    if (few === undefined) attributes.push(found);
    else {
      const reason = `${attribute}: needed ${least} pairs of each kind to ${few === "train" ? "train" : "test"} on, got ${found[few].length / 2}; add entities or templates, or leave the attribute out`;
      leftOut.push({ attribute, code: "too_few_pairs", reason });
    }
  }
  if (attributes.length === 0) {
    throw new SaeError(
      "too_few_pairs",
      `RAVEL: no attribute has enough pairs. ${leftOut.map(({ reason }) => reason).join(". ")}`,
    );
  }
  return { ...compacted(known, attributes), leftOut };
}

type Draw = { readonly key: Key; readonly split: Split } & Pick<EditPair, "kind" | "edited" | "asked">;

function drawKind(
  known: readonly KnownPrompt[],
  byName: ReadonlyMap<string, number>,
  { key, split, kind, edited, asked }: Draw,
  count: number,
): EditPair[] {
  // So many that every pair of two has a number that a permutation can have.
  const own = [...known.keys()]
    .filter((i) => known[i]?.attribute === asked && known[i]?.split === split)
    .slice(0, 1 << 16);
  const place = keyedPermutation(key, own.length ** 2);
  const found: EditPair[] = [];
  for (let draw = 0; draw < Math.min(own.length ** 2, mostDraws) && found.length < count; draw++) {
    const at = place(draw);
    const base = own[Math.floor(at / own.length)] as number;
    const source = own[at % own.length] as number;
    const answer = answerOf(known, byName, kind, base, source);
    if (answer === null) continue;
    const id = `${edited}/${kind} ${promptId(known[base] as KnownPrompt)} <- ${promptId(known[source] as KnownPrompt)}`;
    found.push({ id, kind, edited, asked, base, source, ...answer });
  }
  return found;
}

/** Label and first token that a pair is about; null when the two prompts make no pair. */
function answerOf(
  known: readonly KnownPrompt[],
  byName: ReadonlyMap<string, number>,
  kind: PairKind,
  baseAt: number,
  sourceAt: number,
): Pick<EditPair, "label" | "answer"> | null {
  const [base, source] = [known[baseAt] as KnownPrompt, known[sourceAt] as KnownPrompt];
  if (base.label === source.label) return null;
  if (kind === "isolation") return { label: base.label, answer: base.answer };
  const inBasesWords = byName.get(promptId({ ...base, entity: source.entity }));
  const { attribute, text: prompt, completion } = base;
  if (inBasesWords === undefined || isRight({ attribute, prompt, label: source.label, completion })) return null;
  return { label: source.label, answer: (known[inBasesWords] as KnownPrompt).answer };
}

/** `count` items in turns from several lists, until all of them are empty. */
function inEqualShares<Item>(lists: readonly (readonly Item[])[], count: number): Item[] {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  const turns = Array.from({ length: longest }, (_, i) => lists.flatMap((list) => list.slice(i, i + 1)));
  return turns.flat().slice(0, count);
}

/** The prompts that the pairs need, and the pairs with their places among these. */
function compacted(
  known: readonly KnownPrompt[],
  attributes: readonly AttributePairs[],
): Pick<EditPairs, "prompts" | "attributes"> {
  const all = attributes.flatMap(({ train, test }) => [...train, ...test]);
  const used = [...new Set(all.flatMap(({ base, source }) => [base, source]))].sort((a, b) => a - b);
  const places = new Map(used.map((at, i) => [at, i]));
  const moved = (list: readonly EditPair[]): EditPair[] =>
    list.map((pair) => ({ ...pair, base: places.get(pair.base) as number, source: places.get(pair.source) as number }));
  return {
    prompts: used.map((at) => known[at] as KnownPrompt),
    attributes: attributes.map((own) => ({ ...own, train: moved(own.train), test: moved(own.test) })),
  };
}
