/*
 * The eight data sets of SAEBench's sparse probing (arXiv 2503.09532), which arXiv 2602.14111 uses too: three of professions, two of reviews, and one
 * each of programming languages, news topics and languages. Files and columns are those on the hub.
 */
import { defineProbingDataset, type ProbingClass, type ProbingDataset } from "../probingDataset.js";
import type { Row, TableSource } from "../tableSource.js";

const official: Pick<TableSource, "split"> = { split: { train: /\btrain\b/, test: /\btest\b/ } };

const professions: readonly Readonly<Record<string, string>>[] = [
  { "0": "accountant", "1": "architect", "2": "attorney", "6": "dentist", "9": "filmmaker" },
  { "11": "journalist", "13": "nurse", "14": "painter", "18": "photographer", "19": "physician" },
  { "20": "poet", "21": "professor", "22": "psychologist", "25": "surgeon", "26": "teacher" },
];

const named = (names: Readonly<Record<string, string>>): ProbingClass[] =>
  Object.entries(names).map(([label, name]) => ({ name, labels: [label] }));

const biasInBios = professions.map((names, i) =>
  defineProbingDataset({
    name: `bias_in_bios_${i + 1}`,
    title: `Bias in Bios, professions ${i + 1}`,
    family: "profession",
    source: "De-Arteaga et al. 2019, arXiv 1901.09451; LabHC/bias_in_bios",
    texts: {
      hub: "LabHC/bias_in_bios",
      files: /\.parquet$/,
      fetched: /^data\/(train|test)-/, // a third part, dev, is not used
      text: "hard_text",
      label: "profession",
      stratum: "gender",
      ...official,
    },
    classes: named(names),
    notes: "Equally many women and men in each profession.",
  }),
);

const amazon = {
  hub: "canrager/amazon_reviews_mcauley_1and5",
  files: /\.(parquet|csv|jsonl)$/,
  text: "text",
  ...official,
} as const;

/** Ratings are numbers with or without a point, depending on how the file was written. */
const rating = ({ rating: value }: Row): string => String(Number(value));

/** The first letters of code are often the same licence; what is shorter than this is hardly code. */
const skipped = 150;
const shortest = 534;

const codeExtensions = { C: ["c", "h"], Python: ["py"], HTML: ["html"], Java: ["java"], PHP: ["php"] };

/** Each language from a file of translations of its own, so that no sentence is there in two languages. */
const europarlPairs = { en: "en-fr", fr: "fr-it", de: "de-en", es: "es-fr", nl: "nl-pt" };
const europarlNames = { en: "English", fr: "French", de: "German", es: "Spanish", nl: "Dutch" };
const europarlLanguage = (file: string): string =>
  Object.entries(europarlPairs).find(([, pair]) => `/${file}`.includes(`/${pair}/`))?.[0] ?? "";

/** SAEBench's data sets. */
export const saebenchDatasets: readonly ProbingDataset[] = [
  ...biasInBios,
  defineProbingDataset({
    name: "amazon_category",
    title: "Amazon reviews, product category",
    family: "product category",
    source: "Hou et al. 2024, arXiv 2403.03952; canrager/amazon_reviews_mcauley_1and5",
    texts: { ...amazon, columns: ["text", "category", "rating"], label: "category", stratum: rating },
    classes: named({
      "1": "toys and games",
      "2": "cell phones and accessories",
      "3": "industrial and scientific",
      "5": "musical instruments",
      "6": "electronics",
    }),
    notes: "Equally many reviews with one and with five stars in each category.",
  }),
  defineProbingDataset({
    name: "amazon_sentiment",
    title: "Amazon reviews, sentiment",
    family: "sentiment",
    source: "Hou et al. 2024, arXiv 2403.03952; canrager/amazon_reviews_mcauley_1and5",
    texts: { ...amazon, columns: ["text", "rating"], label: rating },
    classes: named({ "1": "one star", "5": "five stars" }),
    notes: "Two classes: both tasks are the same question, and count once.",
  }),
  defineProbingDataset({
    name: "github_code",
    title: "GitHub code",
    family: "programming language",
    source: "codeparrot/github-code",
    texts: {
      hub: "codeparrot/github-code",
      files: /\.parquet$/,
      fetched: /^data\/train-00000-of-/, // one file of 1126, with all languages
      columns: ["content", "path"],
      text: ({ content }) => codeText(content),
      label: ({ path }) => /\.(\w+)$/.exec(String(path))?.[1],
    },
    classes: Object.entries(codeExtensions).map(([name, labels]) => ({ name, labels })),
    notes: `Code of more than ${shortest} characters, without its first ${skipped}; the language is known by the end of the file's name.`,
  }),
  defineProbingDataset({
    name: "ag_news",
    title: "AG News",
    family: "news topic",
    source: "Zhang, Zhao, LeCun 2015, arXiv 1509.01626; fancyzhx/ag_news",
    texts: { hub: "fancyzhx/ag_news", files: /\.parquet$/, text: "text", label: "label", ...official },
    classes: named({ "0": "World", "1": "Sports", "2": "Business", "3": "Sci/Tech" }),
  }),
  defineProbingDataset({
    name: "europarl",
    title: "Europarl",
    family: "language",
    source: "Koehn 2005; Helsinki-NLP/europarl",
    texts: {
      hub: "Helsinki-NLP/europarl",
      files: new RegExp(`(^|/)(${Object.values(europarlPairs).join("|")})/.*\\.parquet$`),
      fetched: /\/train-00000-of-/, // the first of each: more sentences than anybody reads
      text: ({ translation }, file) => (translation as Record<string, string> | undefined)?.[europarlLanguage(file)],
      label: (_row, file) => europarlLanguage(file),
    },
    classes: named(europarlNames),
    notes: "The first sentences of each language.",
  }),
];

/** Code as SAEBench reads it; none where it is too short. */
export const codeText = (content: unknown): string | undefined =>
  typeof content === "string" && content.length > shortest ? content.slice(skipped) : undefined;
