import { fold, type Key, permutation } from "@sae/core";
import type { RavelTable, Split } from "./table.js";

/** An item of a table whose side is known. */
export type OnASide<Item> = Item & { readonly split: Split };

/** A table in which every entity and every template is on one side. */
export interface SplitTable extends RavelTable {
  readonly entities: readonly OnASide<RavelTable["entities"][number]>[];
  readonly templates: Readonly<Record<string, readonly OnASide<RavelTable["templates"][string][number]>[]>>;
}

/**
 * Puts what the table leaves open on one side or the other. A prompt is an entity and a template of the same side, so that the test sees neither an
 * entity nor a wording that a mask was trained on.
 *
 * @param key stream of the choice
 * @param trainShare share of what is open that goes to training; where there are two or more of a kind each side gets one
 */
export function splitTable(table: RavelTable, key: Key, trainShare = 0.5): SplitTable {
  return {
    ...table,
    entities: withSplit(table.entities, fold(key, "entities"), trainShare),
    templates: Object.fromEntries(
      Object.entries(table.templates).map(([attribute, list]) => [
        attribute,
        withSplit(list, fold(key, "templates", attribute), trainShare),
      ]),
    ),
  };
}

function withSplit<Item extends { readonly split?: Split }>(
  items: readonly Item[],
  key: Key,
  trainShare: number,
): OnASide<Item>[] {
  const open = items.flatMap(({ split }, i) => (split === undefined ? [i] : []));
  const wanted = Math.round(trainShare * open.length);
  const train = open.length < 2 ? wanted : Math.min(open.length - 1, Math.max(1, wanted));
  const order = permutation(key, open.length);
  const chosen = new Map(
    open.map((item, i): [number, Split] => [item, (order[i] as number) < train ? "train" : "test"]),
  );
  return items.map((item, i) => ({ ...item, split: item.split ?? (chosen.get(i) as Split) }));
}
