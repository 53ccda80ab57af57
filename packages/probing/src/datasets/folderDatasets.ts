/*
 * Data sets that lie in folders of their own below the folder of data, in the form in which their authors give them. Where one is got, and under which
 * licence, stands in `source`.
 */
import { defineProbingDataset, type ProbingDataset } from "../probingDataset.js";
import { codeText } from "./saebench.js";

/** What stands before a part of a file's name. */
const before = (file: string, end: string): string => (file.split("/").pop() ?? "").split(end)[0];

const reviews = {
  // imdb and MR are about films and no category of a shop
  files: /^fdu-mtl-reviews\/(?!imdb|MR)\w+\.task\.(train|test)(\.gz)?$/,
  format: "lines",
  latin1: /dvd\.task\.train/,
  text: ({ text }: Readonly<Record<string, unknown>>) => String(text).replace(/^[01]\t/, ""),
  split: { train: /\.task\.train/, test: /\.task\.test/ },
} as const;

const reviewSource = "Liu, Qiu, Huang 2017, arXiv 1704.05742 (FDU-MTL); ccsasuke/man, data/fdu-mtl";
const sentimentOf = ({ text }: Readonly<Record<string, unknown>>): string => String(text).slice(0, 1);

/** The languages of SAEBench's Europarl tasks. */
const languages = { en: "English", fr: "French", de: "German", es: "Spanish", nl: "Dutch" };

/** Data sets as files below the folder of data. */
export const folderDatasets: readonly ProbingDataset[] = [
  defineProbingDataset({
    name: "ag_news_csv",
    title: "AG News, test file",
    family: "news topic",
    source: "Zhang, Zhao, LeCun 2015, arXiv 1509.01626; a csv file with title, description and class",
    texts: {
      files: /^ag-news\/.*\.csv(\.gz)?$/,
      columns: ["title", "description", "class"],
      text: ({ title, description }) => `${title} ${description}`,
      label: "class",
    },
    classes: ["World", "Sports", "Business", "Sci/Tech"].map((name) => ({ name })),
  }),
  defineProbingDataset({
    name: "fdu_category",
    title: "FDU-MTL reviews, product category",
    family: "product category",
    source: reviewSource,
    texts: { ...reviews, label: (_row, file) => before(file, ".task"), stratum: sentimentOf },
    notes: "14 categories; equally many positive and negative reviews in each.",
  }),
  defineProbingDataset({
    name: "fdu_sentiment",
    title: "FDU-MTL reviews, sentiment",
    family: "sentiment",
    source: reviewSource,
    texts: { ...reviews, label: sentimentOf, stratum: (_row, file) => before(file, ".task") },
    classes: [
      { name: "negative", labels: ["0"] },
      { name: "positive", labels: ["1"] },
    ],
    positives: ["positive"],
    notes: "Equally many reviews of each of the 14 categories.",
  }),
  defineProbingDataset({
    name: "lingua",
    title: "Sentences of Lingua's test data",
    family: "language",
    source: "pemistahl/lingua-rs, language-models/*/testdata/sentences.txt, Apache-2.0",
    texts: {
      files: /^lingua-langid\/\w+\.sentences\.txt(\.gz)?$/,
      format: "lines",
      text: "text",
      label: (_row, file) => before(file, "."),
    },
    classes: Object.entries(languages).map(([label, name]) => ({ name, labels: [label] })),
    notes: "The five languages of SAEBench's Europarl tasks.",
  }),
  defineProbingDataset({
    name: "linguist_code",
    title: "Samples of Linguist",
    family: "programming language",
    source: "github-linguist/linguist, samples/, MIT",
    texts: { files: /^linguist-code-samples\/.*\.csv(\.gz)?$/, text: ({ text }) => codeText(text), label: "language" },
    notes: "Files cut as SAEBench cuts code. A few dozen of a language.",
  }),
  ...["158_code_C", "159_code_Python", "160_code_HTML"].map((file) =>
    defineProbingDataset({
      name: file,
      title: `SAE-Probes ${file.replaceAll("_", " ")}`,
      family: "programming language",
      source: "Kantamneni et al. 2025, arXiv 2502.16681; sae-probes/sae-probes, the first 1200 characters",
      texts: {
        files: new RegExp(`^sae-probes-truncated/${file}\\..*csv(\\.gz)?$`),
        text: "prompt",
        label: "target",
      },
      classes: [
        { name: "other languages", labels: ["0"] },
        { name: file.slice("158_code_".length), labels: ["1"] },
      ],
      positives: [file.slice("158_code_".length)],
    }),
  ),
  defineProbingDataset({
    name: "bios_sample",
    title: "Bias in Bios, a sample",
    family: "profession",
    source: "De-Arteaga et al. 2019, arXiv 1901.09451; csv files with hard_text, profession and gender",
    texts: { files: /^bias-in-bios-sample\/.*\.csv(\.gz)?$/, text: "hard_text", label: "profession" },
    notes: "Ten texts of most professions: too few for more than a look.",
  }),
];
