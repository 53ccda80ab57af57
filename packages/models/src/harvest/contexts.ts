/*
 * Texts as a language model reads them: a stream of contexts of nCtx tokens.
 *
 *   packed        B a a a a B b b | b b b B c c c c | c c . . . . . .      B documentStart, . padding, | end of a context
 *   perDocument   B a a a a . . . | B b b b b b . . | B c c c c c c .
 */
import { SaeError } from "@sae/core";
import type { TextSource } from "../text/textSource.js";
import type { Tokenizer } from "../tokenizers/tokenizer.js";

/** A place in a stream of contexts: the next context is number `context`, and begins with token `token` of document number `document`. */
export interface StreamPosition {
  readonly context: number;
  readonly document: number;
  readonly token: number;
}

/** So many tokens as the model reads at once. */
export interface Context {
  /** Counts from 0 at the start of the texts. */
  readonly number: number;
  /** [nCtx], padded on the right. */
  readonly tokens: Int32Array;
  /** Tokens that are no padding, at least one. */
  readonly length: number;
  /** Number in its source of the document that each token belongs to, [nCtx]; -1 for padding. */
  readonly documents: Int32Array;
  /** Where the stream goes on. */
  readonly next: StreamPosition;
}

/** A stream of contexts that can be entered anywhere. */
export interface ContextSource {
  readonly nCtx: number;
  /** The tokens that begin documents and contexts. */
  readonly starts: readonly number[];
  /** What identifies the stream: the texts, and how they are cut. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The contexts from a position on, from the start when it is left out; always the same ones. */
  from(position?: StreamPosition): AsyncIterable<Context>;
}

/** How texts become contexts. */
export interface ContextOptions {
  /** Tokens of a context. */
  readonly nCtx: number;
  /** `packed`: documents follow each other, and a context may hold several. `perDocument`: each begins a context of its own. Default packed. */
  readonly layout?: "packed" | "perDocument";
  /** What happens to a document that is longer than a context, `perDocument`. Default "split": it goes on in the next one. */
  readonly overflow?: "split" | "truncate";
  /** Token before every document, null for none. As the model was trained when left out: its begin token if texts had it, else its end token. */
  readonly documentStart?: number | null;
  /** Token that begins every context, also in the middle of a document; null for none. The begin token, if texts had it, when left out. */
  readonly contextStart?: number | null;
}

/** What making contexts asks of a tokenizer. */
export type ContextTokenizer = Pick<Tokenizer, "encode" | "bos" | "eos" | "addsBos">;

/**
 * The contexts of texts. Documents without tokens are left out; the last context of a packed stream may be padded.
 *
 * @throws SaeError `bad_option`; while contexts are read those of the texts
 */
export function textContexts(texts: TextSource, tokenizer: ContextTokenizer, options: ContextOptions): ContextSource {
  const { bos, eos, addsBos } = tokenizer;
  const begin = addsBos ? bos : null;
  const { nCtx, layout = "packed", overflow = "split", documentStart = begin ?? eos, contextStart = begin } = options;
  const least = contextStart === null ? 1 : 2; // the token that begins a context leaves room for another
  if (!Number.isSafeInteger(nCtx) || nCtx < least) {
    throw new SaeError("bad_option", `contexts: needed a whole number of at least ${least} tokens, got ${nCtx}`);
  }
  const cut: Cut = { nCtx, layout, overflow, documentStart, contextStart, pad: documentStart ?? eos ?? 0 };
  return {
    nCtx,
    starts: [...new Set([documentStart, contextStart])].filter((token) => token !== null),
    identity: {
      texts: texts.identity,
      nCtx,
      layout,
      ...(layout === "perDocument" && { overflow }),
      documentStart,
      contextStart,
    },
    from: (position = { context: 0, document: 0, token: 0 }) =>
      cutContexts(texts, (text) => tokenizer.encode(text, { bos: false }).ids, cut, position),
  };
}

type Cut = Required<ContextOptions> & { readonly pad: number };

async function* cutContexts(
  texts: TextSource,
  encode: (text: string) => readonly number[],
  { nCtx, layout, overflow, documentStart, contextStart, pad }: Cut,
  position: StreamPosition,
): AsyncGenerator<Context> {
  let number = position.context;
  let tokens = new Int32Array(nCtx);
  let documents = new Int32Array(nCtx);
  let length = 0;

  const put = (token: number, document: number): void => {
    tokens[length] = token;
    documents[length++] = document;
  };
  const finish = (document: number, token: number): Context => {
    tokens.fill(pad, length);
    documents.fill(-1, length);
    const context = { number, tokens, length, documents, next: { context: ++number, document, token } };
    tokens = new Int32Array(nCtx);
    documents = new Int32Array(nCtx);
    length = 0;
    return context;
  };

  let document = -1;
  for await (const { text } of texts.documents()) {
    if (++document < position.document) continue; // not even tokenized
    const ids = encode(text);
    if (ids.length === 0) continue;
    const start = documentStart === null ? 0 : 1; // place of ids[0] in the document's tokens
    const end = start + ids.length;
    for (let at = document === position.document ? position.token : 0; at < end; ) {
      const token = at < start ? (documentStart as number) : ids[at - start];
      if (length === 0 && contextStart !== null && token !== contextStart) put(contextStart, document);
      put(token, document);
      at++;
      const isLast = at === end;
      if (length < nCtx && !(isLast && layout === "perDocument")) continue;
      const isOver = isLast || (layout === "perDocument" && overflow === "truncate");
      yield isOver ? finish(document + 1, 0) : finish(document, at);
      if (isOver) break;
    }
  }
  if (length > 0) yield finish(document + 1, 0);
}
