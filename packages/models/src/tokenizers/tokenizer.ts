/** A text in tokens, each with its place in the text. */
export interface Encoding {
  readonly ids: readonly number[];
  /**
   * [start, end) of each token in the text, in UTF-16 units as JavaScript counts them, so that `text.slice(start, end)` is what the token stands for.
   * Empty for special tokens. A character that is spread over several tokens belongs whole to each of them.
   */
  readonly offsets: readonly (readonly [number, number])[];
}

/** Text ↔ token ids. */
export interface Tokenizer {
  readonly dVocab: number;
  /** Token that begins a text, null when the model has none. */
  readonly bos: number | null;
  readonly eos: number | null;
  /** Tokens that stand for no text: begin, end, padding, and whatever else the vocabulary marks as control. */
  readonly special: ReadonlySet<number>;
  /**
   * Tokens of a text.
   *
   * `bos`: whether the begin token goes first; when left out, as the model was trained (`addsBos`)
   */
  encode(text: string, options?: { readonly bos?: boolean }): Encoding;
  /** Whether texts began with `bos` when the model was trained. */
  readonly addsBos: boolean;
  /** The text of tokens; special tokens give nothing. */
  decode(ids: readonly number[]): string;
  /** One token for people to read: its text with spaces kept, `<0x0A>` for a lone byte, its name for a special token. */
  tokenText(id: number): string;
}
