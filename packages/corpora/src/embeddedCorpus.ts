import type { CityChoice } from "./cityFacts.js";

/** What a corpus is made of. */
export interface CorpusRecipe {
  /** Share of the texts that each source gets. */
  readonly mixture: Readonly<Record<string, number>>;
  readonly cities: CityChoice & {
    /** Documents about each city that are written before they begin again. */
    readonly rounds: number;
  };
  /** Share of each source's documents that training never sees. */
  readonly heldOut: number;
  readonly seed: number;
}

/** The corpus of the embedded model. */
export const embeddedCorpus: CorpusRecipe = {
  mixture: { cities: 0.45, brown: 0.18, wordnet: 0.19, code: 0.13, declarations: 0.05 },
  cities: { count: 800, perCountry: 20, limits: { US: 50 }, rounds: 200 },
  heldOut: 0.02,
  seed: 1,
};
