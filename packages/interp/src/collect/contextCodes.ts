/** The active latents of one context, as a stream of contexts passes by. */
export interface ContextCodes {
  /** The context's number: what is drawn for it is keyed by it. Each context comes once. */
  readonly context: number;
  /** Tokens of the context [seq]. */
  readonly ids: ArrayLike<number>;
  /** Positions that have activations, ascending [rows]. At others, such as tokens that begin a text, nobody knows what is active. */
  readonly positions: ArrayLike<number>;
  /** Row of each entry of the codes, ascending [entries]; row r is at position `positions[r]`. */
  readonly rows: ArrayLike<number>;
  /** Latent of each entry [entries]. */
  readonly latents: ArrayLike<number>;
  /** Activation of each entry [entries]; what is not listed, or not above 0, is inactive. */
  readonly values: ArrayLike<number>;
}
