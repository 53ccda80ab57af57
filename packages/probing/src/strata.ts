import { fold, type Key } from "@sae/core";
import type { Side, TextGroup } from "./documentSides.js";
import { groupBy } from "./groupBy.js";
import type { LabelledText } from "./probingDataset.js";

/** Texts of a class that share the property which is to be balanced. */
export interface Stratum extends TextGroup {
  readonly name: string;
}

/** Those of its texts that can be used on each side, in their order of use. */
export interface DividedStratum extends Readonly<Record<Side, readonly number[]>> {
  readonly name: string;
}

/** Strata of a class by name; one where no text has a stratum. Where only some have none, these cannot be balanced and are left out. */
export function strataOf(
  texts: readonly LabelledText[],
  members: readonly number[],
  key: Key,
): { readonly strata: readonly Stratum[]; readonly without: number } {
  const groups = groupBy(members, (i) => texts[i].stratum ?? "");
  const without = groups.size > 1 ? (groups.get("")?.length ?? 0) : 0;
  if (without > 0) groups.delete("");
  const strata = [...groups]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, own]) => ({ name, members: own, key: fold(key, name) }));
  return { strata, without };
}

/** Equally many texts of each stratum, up to the sizes in all. */
export function balanced(strata: readonly DividedStratum[], sizes: Readonly<Record<Side, number>>) {
  const of = (side: Side): number[] => {
    const lists = strata.map((stratum) => stratum[side]);
    const each = Math.min(Math.floor(sizes[side] / Math.max(1, lists.length)), ...lists.map(({ length }) => length));
    return lists.flatMap((list) => list.slice(0, each));
  };
  return { train: of("train"), test: of("test") };
}

/**
 * Which stratum is the reason where a class is small: the one that has least of its part of the sizes, so that texts of others are left out. Empty when
 * none is.
 */
export function balanceNote(strata: readonly DividedStratum[], sizes: Readonly<Record<Side, number>>): string {
  const filled = ({ train, test }: DividedStratum) => Math.min(train.length / sizes.train, test.length / sizes.test);
  const [shortest, ...others] = strata.toSorted((a, b) => filled(a) - filled(b));
  const hasItsPart = shortest === undefined || filled(shortest) >= 1 / strata.length;
  if (hasItsPart || others.every((other) => filled(other) === filled(shortest))) return "";
  const { name, train, test } = shortest;
  return `; strata are balanced, and ${name} has ${train.length} to train and ${test.length} to test`;
}
