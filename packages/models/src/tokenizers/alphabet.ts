/** The symbols that merging starts from, symbol i for units [starts[i], ends[i]) of the text. */
interface Symbols {
  readonly ids: number[];
  readonly starts: number[];
  readonly ends: number[];
}

/** Takes a text apart into symbols. */
export type Alphabet = (text: string) => Symbols;

/** A symbol for each byte of the UTF-8 text; every one of a character's bytes stands for the whole character. */
export function byteAlphabet(idOfByte: ArrayLike<number>): Alphabet {
  return characterAlphabet(
    () => undefined,
    (bytes) => bytes.map((byte) => idOfByte[byte]),
  );
}

/**
 * A symbol for each character that has one; what others become is for `fallback` to say.
 *
 * @param idOf the symbol of a code point; a lone surrogate comes as U+FFFD, as it does in UTF-8
 * @param fallback symbols for the UTF-8 bytes of a character without a symbol; negative ones are left out
 */
export function characterAlphabet(
  idOf: (codePoint: number) => number | undefined,
  fallback: (bytes: readonly number[]) => readonly number[],
): Alphabet {
  return (text) => {
    const symbols: Symbols = { ids: [], starts: [], ends: [] };
    const add = (id: number, start: number, end: number) => {
      if (id < 0) return;
      symbols.ids.push(id);
      symbols.starts.push(start);
      symbols.ends.push(end);
    };
    for (let at = 0; at < text.length; ) {
      const codePoint = text.codePointAt(at) as number;
      const end = at + (codePoint > 0xffff ? 2 : 1);
      const scalar = codePoint >= 0xd800 && codePoint <= 0xdfff ? 0xfffd : codePoint;
      const id = idOf(scalar);
      if (id === undefined) for (const part of fallback(utf8(scalar))) add(part, at, end);
      else add(id, at, end);
      at = end;
    }
    return symbols;
  };
}

/** UTF-8 bytes of a Unicode scalar value. */
function utf8(scalar: number): number[] {
  if (scalar < 0x80) return [scalar];
  const tail = (shift: number) => 0x80 | ((scalar >> shift) & 0x3f);
  if (scalar < 0x800) return [0xc0 | (scalar >> 6), tail(0)];
  if (scalar < 0x10000) return [0xe0 | (scalar >> 12), tail(6), tail(0)];
  return [0xf0 | (scalar >> 18), tail(12), tail(6), tail(0)];
}
