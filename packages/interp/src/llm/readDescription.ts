import { withoutThoughts } from "./withoutThoughts.js";

/**
 * The description in an answer: its first line that does not end in a colon, without "The unit is active on", quotation marks or stars around it and the
 * full stop behind it.
 *
 * @param text answer of a model
 * @returns null when nothing is left
 */
export function readDescription(text: string): string | null {
  const lines = withoutThoughts(text)
    .split("\n")
    .map((line) => line.trim());
  const line = lines.find((candidate) => candidate !== "" && !candidate.endsWith(":")) ?? "";
  const words = unwrapped(line)
    .replace(/^(?:answer|description):\s*/i, "")
    .replace(/^the unit is active on\b[\s.…:]*/i, "");
  return unwrapped(words) || null;
}

/** Without a full stop, and without stars or quotation marks that surround the whole. */
const unwrapped = (text: string): string =>
  text
    .replace(/^\*+|\*+$/g, "")
    .replace(/\s*\.$/, "")
    .replace(/^(["'`])((?:(?!\1).)*)\1$/, "$2")
    .replace(/^“([^“”]*)”$/, "$1")
    .replace(/\s*\.$/, "")
    .trim();
