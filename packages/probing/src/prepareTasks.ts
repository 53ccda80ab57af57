/*
 * From labelled texts to tasks and to the contexts that a language model reads for them.
 *
 * Texts are numbered through over all data sets, each reading of the model once: a text that two data sets share is run once.
 */
import { createHash } from "node:crypto";
import { key } from "@sae/core";
import { type ContextSource, type ContextTokenizer, type TextSource, type Tokenizer, textContexts } from "@sae/models";
import { type DrawnTexts, drawTexts, type ProbingSizes } from "./drawTexts.js";
import { oneVsRest } from "./oneVsRest.js";
import type { LabelledText, ProbingDataset } from "./probingDataset.js";
import type { LabelledRows, ProbingTask } from "./probingTask.js";

/** What a tokenizer is asked for here. */
export type ProbingTokenizer = ContextTokenizer & Pick<Tokenizer, "special">;

/** What tasks are made of. */
export interface TaskMaterial {
  readonly datasets: readonly { readonly dataset: ProbingDataset; readonly texts: readonly LabelledText[] }[];
  readonly tokenizer: ProbingTokenizer;
  /** Tokens of a text that the model reads, the begin token among them. */
  readonly nCtx: number;
  readonly sizes: ProbingSizes;
  readonly seed: number;
}

/** What became of a data set. */
export interface DatasetSummary {
  readonly name: string;
  readonly counts: DrawnTexts["counts"];
  /** Texts of each class. */
  readonly classes: readonly { readonly name: string; readonly train: number; readonly test: number }[];
  readonly tasks: readonly string[];
  /** Classes and tasks that are missing or smaller than asked for. */
  readonly messages: readonly string[];
}

/** Tasks, and the texts whose numbers they use. */
export interface PreparedTasks {
  readonly tasks: readonly ProbingTask[];
  readonly datasets: readonly DatasetSummary[];
  readonly texts: readonly string[];
}

/** No token of text is longer on average: what is behind so many characters is not read. */
const charactersPerToken = 32;

/** Makes the tasks of data sets: see `drawTexts` and `oneVsRest`. */
export async function prepareTasks({ datasets, tokenizer, nCtx, sizes, seed }: TaskMaterial): Promise<PreparedTasks> {
  const texts: string[] = [];
  const numbers = new Map<string, number>(); // of readings
  const tasks: ProbingTask[] = [];
  const summaries: DatasetSummary[] = [];
  for (const { dataset, texts: labelled } of datasets) {
    const cut = labelled.map(({ text, ...rest }) => ({ ...rest, text: text.slice(0, charactersPerToken * nCtx) }));
    const read = await readings(
      cut.map(({ text }) => text),
      tokenizer,
      nCtx,
    );
    const keys = read.map((reading) => reading?.key ?? null);
    const drawn = drawTexts(dataset, cut, keys, sizes, key(seed));
    const made = oneVsRest(dataset, drawn.classes, key(seed));
    // By length, so that texts which run together need little padding.
    const used = [...new Set(made.tasks.flatMap(({ train, test }) => [...train.rows, ...test.rows]))];
    for (const i of used.sort((a, b) => lengthOf(read[a]) - lengthOf(read[b]) || a - b)) {
      const reading = keys[i] as string;
      if (numbers.has(reading)) continue;
      numbers.set(reading, texts.length);
      texts.push(cut[i].text);
    }
    const numbered = ({ rows, labels }: LabelledRows): LabelledRows => ({
      rows: rows.map((i) => numbers.get(keys[i] as string) as number),
      labels,
    });
    tasks.push(...made.tasks.map((task) => ({ ...task, train: numbered(task.train), test: numbered(task.test) })));
    summaries.push({
      name: dataset.name,
      counts: drawn.counts,
      classes: drawn.classes.map(({ name, train, test }) => ({ name, train: train.length, test: test.length })),
      tasks: made.tasks.map(({ id }) => id),
      messages: [...drawn.messages, ...made.messages],
    });
  }
  return { tasks, datasets: summaries, texts };
}

/** The contexts of texts: number i is text i, truncated. What `harvest` of @sae/models reads, with special tokens to skip. */
export function probingContexts(texts: readonly string[], tokenizer: ProbingTokenizer, nCtx: number): ContextSource {
  return textContexts(memoryTexts(texts), tokenizer, { nCtx, layout: "perDocument", overflow: "truncate" });
}

/** What the model reads of a text. */
interface Reading {
  /** The same for the same tokens. */
  readonly key: string;
  readonly tokens: number;
}

const lengthOf = (reading: Reading | null): number => reading?.tokens ?? 0;

/** What the model reads of each text; null where no token of it is text. */
async function readings(
  texts: readonly string[],
  tokenizer: ProbingTokenizer,
  nCtx: number,
): Promise<(Reading | null)[]> {
  const found: (Reading | null)[] = texts.map(() => null);
  const contexts = probingContexts(texts, tokenizer, nCtx);
  const noText = new Set([...contexts.starts, ...tokenizer.special]);
  for await (const { tokens, length, documents } of contexts.from()) {
    const own = tokens.subarray(0, length);
    if (own.every((token) => noText.has(token))) continue;
    found[documents[0]] = { key: own.join(" "), tokens: length };
  }
  return found;
}

function memoryTexts(texts: readonly string[]): TextSource {
  const digest = createHash("sha256");
  for (const text of texts) digest.update(`${text.length} ${text}`);
  return {
    identity: { kind: "probing", sha256: digest.digest("hex") },
    async *documents() {
      for (const [i, text] of texts.entries()) yield { id: String(i), text };
    },
  };
}
