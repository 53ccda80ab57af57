/*
 * Sets of "Are Sparse Autoencoders Useful?" (Kantamneni et al. 2025, arXiv 2502.16681): csv files with the columns prompt and target, in the folder
 * `sae-probes` below the folder of data. One row here is one file.
 */
import { type ConceptFamily, defineProbingDataset, type ProbingDataset } from "../probingDataset.js";

/** Name of the file without its end, and the negative and the positive target; without targets the file has more than two. */
type Entry = readonly [file: string, family: ConceptFamily, negative?: string, positive?: string];

const digits = (family: ConceptFamily, ...files: readonly string[]): Entry[] =>
  files.map((file) => [file, family, "0", "1"]);
const truths = (...files: readonly string[]): Entry[] => files.map((file) => [file, "other", "False", "True"]);
const bigrams = (...files: readonly string[]): Entry[] => files.map((file) => [file, "other", "not_bigram", "bigram"]);

const entries: readonly Entry[] = [
  ...digits(
    "profession",
    "59_wikidata_occupation_isjournalist",
    "60_wikidata_occupation_isathlete",
    "61_wikidata_occupation_isactor",
    "62_wikidata_occupation_ispolitician",
    "63_wikidata_occupation_issinger",
    "64_wikidata_occupation_isresearcher",
    "7_hist_fig_ispolitician",
  ),
  ...digits("sentiment", "92_glue_sst2", "113_movie_sent", "157_amazon_5star"),
  ["111_yelp_data", "sentiment"],
  ...digits(
    "news topic",
    "139_news_class_Politics",
    "140_news_class_Technology",
    "141_news_class_Entertainment",
    "26_headline_isfrontpage",
  ),
  ["97_news_class", "news topic"],
  ...digits("other", "5_hist_fig_ismale", "6_hist_fig_isamerican", "36_sciq_tf", "87_glue_cola", "90_glue_qnli"),
  ...digits("other", "95_toxic_is", "96_spam_is", "110_aimade_humangpt3"),
  ...digits("other", "114_nyc_borough_Manhattan", "115_nyc_borough_Brooklyn", "116_nyc_borough_Bronx"),
  ...digits("other", "117_us_state_FL", "118_us_state_CA", "119_us_state_TX"),
  ...digits("other", "120_us_timezone_Chicago", "121_us_timezone_New_York", "122_us_timezone_Los_Angeles"),
  ...digits("other", "123_world_country_United_Kingdom", "124_world_country_United_States", "125_world_country_Italy"),
  ...digits("other", "126_art_type_book", "127_art_type_song", "128_art_type_movie", "129_arith_mc_A"),
  ...digits("other", "151_it_tick_HR_Support", "152_it_tick_Hardware", "153_it_tick_Administrative_rights"),
  ...digits("other", "154_athlete_sport_football", "155_athlete_sport_basketball", "156_athlete_sport_baseball"),
  ...truths("21_headline_istrump", "22_headline_isobama", "23_headline_ischina", "24_headline_isiran"),
  ...truths("57_wikidatais_alive"),
  ...bigrams("65_high-school", "66_living-room", "67_social-security", "68_credit-card", "69_blood-pressure"),
  ...bigrams("70_prime-factors", "71_social-media", "72_gene-expression", "73_control-group", "74_magnetic-field"),
  ...bigrams("75_cell-lines", "76_trial-court", "77_second-derivative", "78_north-america", "79_human-rights"),
  ...bigrams("80_side-effects", "81_public-health", "82_federal-government", "83_third-party", "84_clinical-trials"),
  ...bigrams("85_mental-health"),
  ["41_truthqa_tf", "other", "incorrect", "correct"],
  ["54_cs_tf", "other", "no", "yes"],
  ["56_wikidatasex_or_gender", "other", "male", "female"],
  ["58_wikidatapolitical_party", "other", "Republican Party", "Democratic Party"],
  ["105_click_bait", "other", "factual", "clickbait"],
  ["17_world_country", "other"],
  ["27_art_type", "other"],
  ["99_sci_cat", "other"],
];

/** The sets of SAE-Probes. Those with two targets are one task each. */
export const saeProbesDatasets: readonly ProbingDataset[] = entries.map(([file, family, negative, positive]) =>
  defineProbingDataset({
    name: file,
    title: `SAE-Probes ${file.replaceAll("_", " ")}`,
    family,
    source: "Kantamneni et al. 2025, arXiv 2502.16681; sae-probes/sae-probes, sae_probes/data/cleaned_data",
    // File names of the authors have blanks, which copies often replace.
    texts: {
      files: new RegExp(`^sae-probes/${file.replaceAll("_", "[_ ]")}\\.csv(\\.gz)?$`),
      text: "prompt",
      label: "target",
    },
    ...(negative !== undefined &&
      positive !== undefined && { classes: [{ name: negative }, { name: positive }], positives: [positive] }),
  }),
);
