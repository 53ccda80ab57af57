import { SaeError } from "@sae/core";
import type { EditPair, EditPairs } from "./pairs.js";

/**
 * Pairs of several tables, such as those of cities and of Nobel laureates, as one: prompts and attributes one after the other. A pair stays within its table.
 *
 * @throws SaeError `bad_table` when two of them edit an attribute of the same name
 */
export function joinPairs(parts: readonly EditPairs[]): EditPairs {
  const names = parts.flatMap(({ attributes }) => attributes.map(({ attribute }) => attribute));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) {
    throw new SaeError(
      "bad_table",
      `RAVEL: needed attributes with different names in different tables, got '${twice}' twice; edit one table at a time`,
    );
  }
  let before = 0;
  const attributes = parts.flatMap((part) => {
    const first = before;
    before += part.prompts.length;
    const moved = (pairs: readonly EditPair[]) =>
      pairs.map((pair) => ({ ...pair, base: first + pair.base, source: first + pair.source }));
    return part.attributes.map((own) => ({ ...own, train: moved(own.train), test: moved(own.test) }));
  });
  return {
    prompts: parts.flatMap(({ prompts }) => prompts),
    attributes,
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
  };
}
