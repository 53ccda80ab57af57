import { expect, test } from "vitest";
import { type ProbingTokenizer, prepareTasks, probingContexts, type TaskMaterial } from "./prepareTasks.js";
import type { LabelledText } from "./probingDataset.js";

/** Tokens are letters; `<` begins a text and `>` ends it, wherever they stand. */
const letters = "<>abcdefghijklmnopqrstuvwxyz";
const tokenizer: ProbingTokenizer = {
  bos: 0,
  eos: 1,
  addsBos: true,
  special: new Set([0, 1]),
  encode: (text) => ({ ids: [...text].map((letter) => letters.indexOf(letter)), offsets: [] }),
};

const dataset = (name: string) => ({ name, title: name, family: "other" as const, source: "here", texts: () => [] });
const labelled = (label: string, ...texts: readonly string[]): LabelledText[] => texts.map((text) => ({ text, label }));
const material = (datasets: TaskMaterial["datasets"], rest: Partial<TaskMaterial> = {}): TaskMaterial => ({
  datasets,
  tokenizer,
  nCtx: 5,
  sizes: { train: 4, test: 2, least: 2 },
  seed: 0,
  ...rest,
});

const words = [
  ...labelled("animal", "ant", "bee", "cat", "dog", "eel", "fox"),
  ...labelled("fruit", "apple", "fig", "kiwi", "lime", "pear", "plum"),
];

test("tasks of numbered texts, and the contexts that the model reads for them", async () => {
  const { tasks, texts, datasets } = await prepareTasks(material([{ dataset: dataset("words"), texts: words }]));
  expect(tasks.map(({ id }) => id)).toEqual(["words/animal", "words/fruit"]);
  expect([...texts].sort()).toEqual(words.map(({ text }) => text).sort());
  const lengths = texts.map(({ length }) => Math.min(length, 4)); // as they are read
  expect(lengths).toEqual(lengths.toSorted());
  const [{ train, test: tests }] = tasks;
  const labelOf = (text: string) => words.find((word) => word.text === text)?.label;
  for (const { rows, labels } of [train, tests]) {
    rows.forEach((number, i) => {
      expect(labelOf(texts[number])).toBe(labels[i] === 1 ? "animal" : "fruit");
    });
  }
  expect([train.rows.length, tests.rows.length]).toEqual([8, 4]);
  expect(new Set([...train.rows, ...tests.rows]).size).toBe(12);
  expect(datasets[0]).toMatchObject({ tasks: ["words/animal", "words/fruit"], messages: [] });

  let number = 0;
  for await (const { tokens, length } of probingContexts(texts, tokenizer, 5).from()) {
    const text = [...tokens.subarray(0, length)].map((token) => letters[token]).join("");
    expect(text).toBe(`<${texts[number++]}`.slice(0, 5));
  }
  expect(number).toBe(12);
});

test("texts that differ only where the model does not read are the same text", async () => {
  const long = labelled("animal", "antelope", "antenna", "bee", "cat", "dog", "eel");
  const { datasets } = await prepareTasks(
    material([{ dataset: dataset("words"), texts: [...long, ...words.slice(6)] }]),
  );
  expect(datasets[0].counts).toMatchObject({ duplicates: 1 });
});

test("texts without a token of text are not used", async () => {
  const empty = labelled("animal", "", "<>", "><");
  const { datasets, texts } = await prepareTasks(
    material([{ dataset: dataset("words"), texts: [...empty, ...words] }]),
  );
  expect(datasets[0].counts).toMatchObject({ read: 15, empty: 3 });
  expect(texts.length).toBe(12);
});

test("what two data sets share is numbered once", async () => {
  const both = await prepareTasks(
    material([
      { dataset: dataset("one"), texts: words },
      {
        dataset: dataset("two"),
        texts: words.map(({ text }) => ({ text, label: text.length > 3 ? "long" : "short" })),
      },
    ]),
  );
  expect(both.texts.length).toBe(12);
  expect(both.tasks.map(({ id }) => id)).toEqual(["one/animal", "one/fruit", "two/long", "two/short"]);
});

test("the seed decides which texts are used, and nothing else does", async () => {
  const datasets = [{ dataset: dataset("words"), texts: words }];
  const [a, again, b] = [
    await prepareTasks(material(datasets)),
    await prepareTasks(material(datasets)),
    await prepareTasks(material(datasets, { seed: 1 })),
  ];
  expect(again).toEqual(a);
  expect(b.tasks).not.toEqual(a.tasks);
});

test("no data set, and one that has no task", async () => {
  expect(await prepareTasks(material([]))).toEqual({ tasks: [], datasets: [], texts: [] });
  const { tasks, datasets } = await prepareTasks(material([{ dataset: dataset("words"), texts: words.slice(0, 6) }]));
  expect(tasks).toEqual([]);
  expect(datasets[0].messages).toEqual([
    "words: one-vs-rest needs at least 2 classes with enough texts, there is animal; no task",
  ]);
});
