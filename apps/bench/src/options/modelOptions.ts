import { availableParallelism } from "node:os";
import { SaeError } from "@sae/core";
import { fetchTexts, type LanguageModel, loadModel, type TextOptions, type TextSource } from "@sae/models";
import { localModel } from "../jobs/languageModelInput.js";
import { localTexts, openReferredTexts } from "../jobs/textsInput.js";
import { choice, count, flag, listOf, type Option, real, type Values, word } from "./option.js";

const group = "Model";

/** Options that name a language model. */
export const modelOptions = {
  model: word({
    describe:
      "a folder in Hugging Face layout, a .gguf or llama2.c .bin file, the id of a model on the hub (org/name, org/name@revision, org/name:file.gguf), or a name: tinyllama-1.1b",
    hint: "MODEL",
    needed: true,
    group,
  }),
  offline: flag({ describe: "use files that are on this machine only", group }),
};

/** A place in a language model. */
export const hookOption = word({
  describe: "where: blocks.L.hook_resid_post and the like, by TransformerLens's names",
  hint: "NAME",
  group,
});

/**
 * Opens the model of `--model` without reading its weights. Where `--offline` is not given, the environment (HF_HUB_OFFLINE) says.
 *
 * @throws SaeError those of `loadModel`
 */
export const chosenModel = (reference: string, { offline }: { offline?: boolean | undefined }) =>
  offline ? byOption(loadModel(reference, { offline })) : loadModel(reference);

/** What `--offline` forbids: the packages know of the environment's switch only, and name it in what to do. */
export const byOption = <Found>(finding: Promise<Found>): Promise<Found> =>
  finding.catch((error: unknown) => {
    if (!(error instanceof SaeError)) throw error;
    throw new SaeError(error.code, error.message.replace("without HF_HUB_OFFLINE", "without --offline"), {
      cause: error,
    });
  });

/** Facts for the jobs of a model: how to get at it, and how many cores a pass over it may use. */
export const modelFacts = (reference: string, { offline = false }: { offline?: boolean | undefined }) => ({
  ...localModel({ model: reference, offline }),
  modelThreads: `${availableParallelism()}`,
});

const texts = "Text";
const path: Option<string> = word({ describe: "", hint: "PATH" });

/** Options that name texts. */
export const textOptions = {
  text: listOf(path, {
    describe:
      "files or folders: .txt, .jsonl, .csv, .tsv, .parquet, each also .gz; or data sets of the hub: org/name, org/name@revision, a part as in hf:org/name@revision:data/train-*.parquet",
    needed: true,
    group: texts,
  }),
  column: word({ describe: "column with the text, in tables", otherwise: "text", hint: "NAME", group: texts }),
  split: word({
    describe:
      "what is a document in a .txt file: file, paragraph (blank lines), or a text that stands between documents",
    otherwise: "file",
    hint: "HOW",
    group: texts,
  }),
  encoding: choice({ of: ["utf-8", "latin1"], describe: "of text files", otherwise: "utf-8", group: texts }),
};

/** Options that say what of the texts is harvested. */
export const harvestOptions = {
  ctx: count({ describe: "tokens of a context", otherwise: "128, or the most that the model reads", group: texts }),
  layout: choice({
    of: ["packed", "perDocument"],
    describe: "packed: documents follow each other; perDocument: each begins a context of its own",
    otherwise: "packed",
    group: texts,
  }),
  dtype: choice({
    of: ["float16", "float32"],
    describe: "of the activations on disk",
    otherwise: "float16",
    group: texts,
  }),
  keepBos: flag({ describe: "keep the activations of tokens that begin a text, too", group: texts }),
  skipPositions: count({
    describe: "leave out so many first positions of every context",
    otherwise: "0",
    least: 0,
    group: texts,
  }),
  maxNorm: real({
    describe: "leave out activations with a norm above so many medians (10 cuts attention sinks)",
    otherwise: "none is",
    above: 0,
    group: texts,
  }),
  modelBatch: count({ describe: "contexts that the model reads at once", otherwise: "8", group: texts }),
};

/** Texts, and how a job finds them again. */
export interface ChosenTexts {
  readonly source: TextSource;
  readonly local: Readonly<Record<string, string>>;
}

/**
 * Opens the texts of `--text`. Jobs find data sets of the hub as files of the cache: they ask nobody, and read the commit that was planned with.
 *
 * @param spec those that come with the program when left out
 * @throws SaeError those of `fetchTexts`, `openTexts` and `embeddedTexts`
 */
export async function chosenTexts(
  spec: readonly string[] | undefined,
  {
    column,
    split,
    encoding,
    offline = false,
  }: Values<Pick<typeof textOptions, "column" | "split" | "encoding">> & { offline?: boolean | undefined },
): Promise<ChosenTexts> {
  const options: TextOptions = {
    ...(column !== undefined && { column }),
    ...(split !== undefined && { split: split === "file" || split === "paragraph" ? split : { at: split } }),
    ...(encoding !== undefined && { encoding }),
  };
  const fetched = (paths: readonly string[]) =>
    offline ? byOption(fetchTexts(paths, { offline })) : fetchTexts(paths);
  const reference = spec === undefined ? "embedded" : { paths: await fetched(spec), options };
  return { source: await openReferredTexts(reference), local: localTexts(reference) };
}

/** What the options say about a harvest, for a job's config. */
export function givenHarvest(
  { ctx, layout, dtype, keepBos, skipPositions, maxNorm, modelBatch }: Values<typeof harvestOptions>,
  { sizes }: LanguageModel,
) {
  return {
    nCtx: ctx ?? Math.min(128, sizes.nCtx),
    ...(layout !== undefined && { layout }),
    ...(dtype !== undefined && { dtype }),
    ...(keepBos && { skipBos: false }),
    ...(skipPositions !== undefined && { skipPositions }),
    ...(maxNorm !== undefined && { maxNorm }),
    ...(modelBatch !== undefined && { batch: modelBatch }),
  };
}
