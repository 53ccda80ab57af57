import { withoutThoughts } from "./withoutThoughts.js";

/**
 * The numbers in an answer. A list is nothing but
 *
 * - whole numbers from 1 to `count`, parted by commas, semicolons, "and", white space or the signs of a list, or
 * - the word "none" (of them, of the passages), or an empty pair of brackets,
 *
 * in brackets, quotation marks or stars or without, with a full stop or without. It is read when it is the whole answer, or when exactly one line of the answer
 * is a list, or ends in one after a colon. A number that stands there twice counts once. Everything else cannot be read: two lists, words between the numbers,
 * ranges, numbers out of range. No part of such an answer is used.
 *
 * @param text answer of a model
 * @param count how many passages there were
 * @returns null when it cannot be read
 */
export function readNumbers(text: string, count: number): Set<number> | null {
  const answer = withoutThoughts(text);
  const lines = answer.split("\n").flatMap((line) => {
    const numbers = listed(line) ?? listed(line.slice(line.lastIndexOf(":") + 1));
    return numbers === null ? [] : [numbers];
  });
  const numbers = listed(answer) ?? (lines.length === 1 ? lines[0] : null);
  return numbers?.every((number) => number >= 1 && number <= count) ? new Set(numbers) : null;
}

function listed(text: string): number[] | null {
  const bare = text.replace(/^[\s[({"'`*]+|[\s\])}"'`*.]+$/g, "");
  if (/^none(?: of (?:them|these|the passages))?$/i.test(bare)) return [];
  if (bare === "") return /^\s*(?:\[\s*\]|\(\s*\)|\{\s*\})\.?\s*$/.test(text) ? [] : null;
  if (!/^\d+(?:(?:\s*[,;]\s*(?:and\s+)?|\s+and\s+|\s+(?:[-*•]\s+)?)\d+)*$/i.test(bare.replace(/^[-•]\s+/, "")))
    return null;
  return Array.from(bare.matchAll(/\d+/g), ([digits]) => Number(digits));
}
