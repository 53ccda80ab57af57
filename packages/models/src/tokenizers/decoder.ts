import { z } from "zod";
import { compilePattern, patternSchema } from "./pattern.js";
import { tokenizerPart, unsupportedTokenizer } from "./tokenizerPart.js";

/** How pieces of a vocabulary become text. */
export interface DecoderParts {
  /** Whether pieces are written with one character a byte. */
  readonly byteLevel: boolean;
  /** Spaces to take away at the start of the whole text. */
  readonly leadingSpaces: number;
  /** The text of a piece. */
  text(piece: string): string;
}

const plain: DecoderParts = { byteLevel: false, leadingSpaces: 0, text: (piece) => piece };

const kinds: Record<string, (json: unknown) => DecoderParts> = {
  ByteLevel: () => ({ ...plain, byteLevel: true }),
  // Both say how tokens are put together, which is the same for every vocabulary here: byte for byte.
  ByteFallback: () => plain,
  Fuse: () => plain,
  Replace: (json) => {
    const { pattern, content } = z.object({ pattern: patternSchema, content: z.string() }).parse(json);
    const expression = compilePattern(pattern);
    return { ...plain, text: (piece) => piece.replace(expression, () => content) };
  },
  Metaspace: (json) => {
    const { replacement, prepend_scheme, add_prefix_space } = z
      .object({
        replacement: z.string().default("▁"),
        prepend_scheme: z.string().optional(),
        add_prefix_space: z.boolean().optional(),
      })
      .parse(json);
    const prefixed = (prepend_scheme ?? (add_prefix_space === false ? "never" : "always")) !== "never";
    return { ...plain, leadingSpaces: prefixed ? 1 : 0, text: (piece) => piece.replaceAll(replacement, " ") };
  },
  Strip: (json) => {
    const { content, start, stop } = z.object({ content: z.string(), start: z.int(), stop: z.int() }).parse(json);
    if (content !== " " || stop !== 0) {
      throw unsupportedTokenizer("a decoder that strips spaces at the start", JSON.stringify({ content, start, stop }));
    }
    return { ...plain, leadingSpaces: start };
  },
  Sequence: (json) => {
    const { decoders } = z.object({ decoders: z.array(z.unknown()) }).parse(json);
    const parts = decoders.map(compileDecoder);
    return {
      byteLevel: parts.some(({ byteLevel }) => byteLevel),
      leadingSpaces: parts.reduce((sum, { leadingSpaces }) => sum + leadingSpaces, 0),
      text: (piece) => parts.reduce((text, part) => part.text(text), piece),
    };
  },
};

/**
 * The `decoder` of a tokenizer.json.
 *
 * @throws SaeError `unsupported_tokenizer` for a kind not known here, `invalid_tokenizer` for options it does not have
 */
export function compileDecoder(json: unknown): DecoderParts {
  return json == null ? plain : tokenizerPart("decoder", kinds, json);
}
