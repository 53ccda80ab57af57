/**
 * Cuts a text into passages of like length, at ends of lines where there are any near, else at spaces. Only white space at the cuts is lost.
 *
 * @param longest characters of a passage, at least 2
 */
export function passages(text: string, longest: number): string[] {
  const found: string[] = [];
  let rest = text;
  while (rest !== "") {
    // As many pieces as are needed, and none of them a leftover of a few characters.
    const size = Math.ceil(rest.length / Math.ceil(rest.length / longest));
    const end = size === rest.length ? size : cutBefore(rest, size);
    const passage = rest.slice(0, end).trimEnd();
    if (passage !== "") found.push(passage);
    // What was indented stays so.
    rest = rest.slice(end).replace(/^\s*\n|^ /, "");
  }
  return found;
}

/** Where to end a passage of at most `size` characters. */
function cutBefore(text: string, size: number): number {
  for (const end of ["\n", " "]) {
    const at = text.lastIndexOf(end, size);
    if (at > size / 2) return at;
  }
  const isHalfCharacter = /[\uD800-\uDBFF]/.test(text[size - 1] as string);
  return isHalfCharacter ? size - 1 : size;
}
