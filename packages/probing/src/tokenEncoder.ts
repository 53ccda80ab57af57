/*
 * What turns the activations of tokens into what is pooled: an SAE's encoder, or nothing at all (the channels themselves).
 *
 *   x [batch, dModel]     values, latents, rows [entries]: the entries of codes [batch, columns] that may differ from 0
 */

/** Codes of a batch of tokens as a list of entries in the order of their tokens. */
export interface TokenCodes {
  readonly values: ArrayLike<number>;
  /** Latent of each entry. */
  readonly latents: ArrayLike<number>;
  /** Token of each entry, ascending. */
  readonly rows: ArrayLike<number>;
}

/** Encodes a batch of tokens at a time. */
export interface TokenEncoder {
  /** Tokens of a batch. */
  readonly batch: number;
  /** Latents, or channels. */
  readonly columns: number;
  /**
   * @param x - [batch, dModel], only valid until the result is there
   */
  /** The features of each token that are not 0. */
  encode(x: Float32Array): TokenCodes | Promise<TokenCodes>;
}

/** The channels of the residual stream as they are: what SAEs are compared with. */
export function channelEncoder(dModel: number, batch = 256): TokenEncoder {
  const places = Uint32Array.from({ length: batch * dModel }, (_, at) => at);
  const latents = places.map((at) => at % dModel);
  const rows = places.map((at) => Math.floor(at / dModel));
  return { batch, columns: dModel, encode: (x) => ({ values: x, latents, rows }) };
}
