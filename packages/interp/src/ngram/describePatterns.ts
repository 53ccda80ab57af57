import type { Pattern } from "./pattern.js";
import type { TokenTest } from "./tokenTest.js";

/** What an explanation without patterns says. */
const NO_PATTERN = "no pattern found";

/** Patterns in words: "‘ in’ right after ‘ born’; ‘ Paris’ or ‘ London’". */
export function describePatterns(patterns: readonly Pattern[]): string {
  if (patterns.length === 0) return NO_PATTERN;
  const groups = new Map<string, string[]>();
  for (const { at, before } of patterns) {
    const where = describeBefore(before);
    const tokens = groups.get(where) ?? [];
    tokens.push(at === null ? "any token" : describeTest(at));
    groups.set(where, tokens);
  }
  return [...groups].map(([where, tokens]) => `${tokens.join(" or ")}${where}`).join("; ");
}

function describeTest({ kind, text }: TokenTest): string {
  const quoted = `‘${text.replaceAll("\n", "↵")}’`;
  return kind === "word" ? `${quoted} in any case` : quoted;
}

function describeBefore(before: Pattern["before"]): string {
  if (before.length === 0) return "";
  const isRow = before.every(({ back }, i) => back === i + 1);
  if (isRow) {
    const row = [...before].reverse().map(({ is }) => describeTest(is));
    return ` right after ${row.join(" ")}`;
  }
  return before
    .map(({ back, is }) =>
      back === null ? ` somewhere after ${describeTest(is)}` : ` ${back} tokens after ${describeTest(is)}`,
    )
    .join(" and");
}
