import { compileEncoder, type Sae } from "@sae/autoencoders";
import type { CompileOptions } from "@sae/core";
import type { ContextCodes, LatentActivations } from "@sae/interp";
import type { Harvest } from "@sae/models";

const rowsAtOnce = 2048;

/** The latents of an SAE on a harvest, context by context. Contexts are the harvest's, rows what it kept of them. */
export interface OpenLatentActivations extends LatentActivations {
  /** Frees the encoder; the harvest stays open. */
  dispose(): Promise<void>;
}

/**
 * Encodes a harvest a few whole contexts at a time.
 *
 * @param tokenText text of one token
 * @param options where the encoder runs; and of how many tokens at most contexts are read, all when left out
 */
export async function latentActivations(
  harvest: Harvest,
  sae: Sae,
  tokenText: (id: number) => string,
  { tokens = Number.POSITIVE_INFINITY, ...options }: CompileOptions & { readonly tokens?: number | undefined } = {},
): Promise<OpenLatentActivations> {
  const { dModel, nCtx } = harvest.manifest;
  const batch = Math.max(rowsAtOnce, nCtx);
  const encoder = await compileEncoder(sae, batch, options);
  const firstRow = await harvest.contextRows(); // [contexts + 1]
  let contexts = firstRow.length - 1;
  while (contexts > 0 && firstRow[contexts] > tokens) contexts--;

  /** Contexts from `first` to before `end`, whose rows fit into a batch. */
  async function* encoded(first: number, end: number): AsyncGenerator<ContextCodes> {
    const start = firstRow[first];
    const count = firstRow[end] - start;
    const x = new Float32Array(batch * dModel);
    await harvest.activations.readRange(start, count, x.subarray(0, count * dModel));
    const { rows, latents, values } = await encoder.run(x);
    const { positions } = await harvest.places(Array.from({ length: count }, (_, i) => start + i));
    let entry = 0;
    for (let number = first; number < end; number++) {
      const [from, to] = [firstRow[number] - start, firstRow[number + 1] - start];
      const entries = entry;
      while (entry < rows.length && rows[entry] < to) entry++;
      yield {
        context: number,
        ids: (await harvest.context(number)).tokens,
        positions: positions.subarray(from, to),
        rows: rows.subarray(entries, entry).map((row) => row - from),
        latents: latents.subarray(entries, entry),
        values: values.subarray(entries, entry),
      };
    }
  }

  return {
    dSae: sae.dSae,
    tokenText,
    contexts: async function* () {
      for (let first = 0; first < contexts; ) {
        let end = first + 1;
        while (end < contexts && firstRow[end + 1] - firstRow[first] <= batch) end++;
        yield* encoded(first, end);
        first = end;
      }
    },
    dispose: () => encoder.dispose(),
  };
}
