import type { TrainingContexts } from "@sae/models";

/** Tokens of one source, its documents behind each other, each begun by the begin token. */
export interface TokenStream {
  readonly name: string;
  readonly tokens: Uint16Array;
}

/**
 * Cuts context `index` out of a stream: `length` tokens of which the first is the begin token. Contexts follow each other and begin again
 * at the start of the stream, cut at other places.
 */
export function cutContext(tokens: Uint16Array, index: number, bos: number, out: Int32Array): void {
  const step = out.length - 1;
  const start = (index * step) % tokens.length;
  const shift = tokens[start] === bos ? 0 : 1;
  out[0] = bos;
  for (let i = shift; i < out.length; i++) out[i] = tokens[(start + i - shift) % tokens.length] as number;
}

/**
 * Which source each context of a run is cut from, and the how manieth of that source it is: at every point of the run each source has had its
 * share of the contexts, to within one.
 *
 * @param shares of the sources; they need not add up to 1
 */
export function mixContexts(shares: readonly number[], contexts: number): { source: Uint8Array; index: Uint32Array } {
  const total = shares.reduce((sum, share) => sum + share, 0);
  const taken = shares.map(() => 0);
  const source = new Uint8Array(contexts);
  const index = new Uint32Array(contexts);
  for (let i = 0; i < contexts; i++) {
    let most = 0;
    shares.forEach((share, candidate) => {
      const lack = (of: number) => ((shares[of] as number) / total) * (i + 1) - (taken[of] as number);
      if (share > 0 && lack(candidate) > lack(most)) most = candidate;
    });
    source[i] = most;
    index[i] = taken[most] as number;
    taken[most] = (taken[most] as number) + 1;
  }
  return { source, index };
}

/** The contexts of a run, mixed out of several streams. */
export function mixedContexts(
  streams: readonly TokenStream[],
  mixture: Readonly<Record<string, number>>,
  {
    contexts,
    nCtx,
    bos,
    identity,
  }: {
    /** Contexts of the whole run. */
    readonly contexts: number;
    /** Tokens of a context. */
    readonly nCtx: number;
    readonly bos: number;
    readonly identity: Readonly<Record<string, unknown>>;
  },
): TrainingContexts & { readonly counts: Readonly<Record<string, number>> } {
  const mix = mixContexts(
    streams.map(({ name }) => mixture[name] ?? 0),
    contexts,
  );
  const counts = Object.fromEntries(
    streams.map(({ name }, i) => [name, mix.source.reduce((count, source) => count + (source === i ? 1 : 0), 0)]),
  );
  return {
    identity: { ...identity, mixture },
    counts,
    contexts: (step, out) => {
      const width = nCtx + 1;
      const rows = out.length / width;
      for (let row = 0; row < rows; row++) {
        const at = step * rows + row;
        const { tokens } = streams[mix.source[at] as number] as TokenStream;
        cutContext(tokens, mix.index[at] as number, bos, out.subarray(row * width, (row + 1) * width));
      }
    },
  };
}
