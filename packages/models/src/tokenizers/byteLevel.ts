/** Bytes that GPT-2's vocabulary writes as the Latin-1 character of the same number. */
const isVisible = (byte: number) => (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;

/**
 * The character that stands for each byte in the vocabulary of a byte-level tokenizer: itself when it can be seen, otherwise one from U+0100
 * on, in order ("Ġ" is the space). Defined by GPT-2's encoder.py.
 */
export const byteCharacters: readonly string[] = (() => {
  let hidden = 0;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(isVisible(byte) ? byte : 0x100 + hidden++));
})();

const byteOfCharacter: ReadonlyMap<string, number> = new Map(
  byteCharacters.map((character, byte) => [character, byte]),
);

/** The bytes that a piece of a byte-level vocabulary stands for; null when it holds a character that stands for none. */
export function bytesOfPiece(piece: string): Uint8Array | null {
  const bytes = new Uint8Array(piece.length);
  for (let index = 0; index < piece.length; index++) {
    const byte = byteOfCharacter.get(piece[index]);
    if (byte === undefined) return null;
    bytes[index] = byte;
  }
  return bytes;
}

/** How vocabularies with byte fallback name the token of a byte: `<0x0A>`. */
export const byteName = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;

/** The byte that a name such as `<0x0A>` stands for, or null. */
export function byteOfName(name: string): number | null {
  return /^<0x[0-9A-F]{2}>$/.test(name) ? Number.parseInt(name.slice(3, 5), 16) : null;
}
