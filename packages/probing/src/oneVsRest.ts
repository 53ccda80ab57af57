import { fold, type Key } from "@sae/core";
import type { DrawnClass } from "./drawTexts.js";
import type { ProbingDataset } from "./probingDataset.js";
import type { LabelledRows, ProbingTask } from "./probingTask.js";
import { shuffled } from "./shuffled.js";

/** The tasks of a data set, and which could not be made. */
export interface DatasetTasks {
  readonly tasks: readonly ProbingTask[];
  readonly messages: readonly string[];
}

/**
 * One task for each class that is asked for: its texts are the positives, and as many texts of the other classes the negatives, ⌈positives / other
 * classes⌉ of each, shuffled and cut to the number of positives (SAEBench). Where the other classes have too few, those that have more give more, and
 * where that does not do, positives are left out: the halves are always equal, and guessing scores 0.5.
 *
 * Of two classes both are asked for (SAEBench), with the same texts and the answers exchanged: one question, which counts once.
 */
export function oneVsRest(
  dataset: Pick<ProbingDataset, "name" | "positives">,
  classes: readonly DrawnClass[],
  key: Key,
): DatasetTasks {
  const asked = classes.filter(({ name }) => dataset.positives?.includes(name) ?? true);
  if (classes.length < 2 || asked.length === 0) {
    const there = classes.length === 0 ? "none" : classes.map(({ name }) => name).join(", ");
    const needed =
      classes.length < 2 ? "at least 2 classes with enough texts" : `one of ${dataset.positives?.join(", ")}`;
    return { tasks: [], messages: [`${dataset.name}: one-vs-rest needs ${needed}, there is ${there}; no task`] };
  }
  const shared = classes.length === 2 && asked.length === 2;
  const question = `${dataset.name}/${classes.map(({ name }) => name).join(" or ")}`;
  const tasks = asked.map((positives): ProbingTask => {
    const own = fold(key, dataset.name, positives.name);
    const side = (name: "train" | "test"): LabelledRows =>
      balanced(
        positives[name],
        classes.filter((other) => other !== positives).map((other) => ({ name: other.name, texts: other[name] })),
        fold(own, name),
      );
    return {
      id: `${dataset.name}/${positives.name}`,
      dataset: dataset.name,
      ...(shared && { question }),
      train: side("train"),
      test: side("test"),
    };
  });
  return { tasks, messages: [] };
}

function balanced(
  positives: readonly number[],
  others: readonly { readonly name: string; readonly texts: readonly number[] }[],
  key: Key,
): LabelledRows {
  const quotas = quotasOf(
    positives.length,
    others.map(({ texts }) => texts.length),
  );
  const chosen = others.flatMap(({ name, texts }, i) => shuffled(texts, fold(key, "of", name)).slice(0, quotas[i]));
  const negatives = shuffled(chosen, fold(key, "negatives")).slice(0, positives.length);
  const kept = shuffled(positives, fold(key, "positives")).slice(0, negatives.length);
  const both = [...kept.map((text) => ({ text, label: 1 })), ...negatives.map((text) => ({ text, label: 0 }))];
  const mixed = shuffled(both, fold(key, "order"));
  return { rows: Int32Array.from(mixed, ({ text }) => text), labels: Uint8Array.from(mixed, ({ label }) => label) };
}

/** The smallest equal quota that gives enough, where classes that have less give all they have. */
function quotasOf(wanted: number, available: readonly number[]): number[] {
  const given = (quota: number) => available.reduce((sum, count) => sum + Math.min(count, quota), 0);
  let quota = Math.ceil(wanted / Math.max(1, available.length));
  const most = Math.max(0, ...available);
  while (quota < most && given(quota) < wanted) quota++;
  return available.map((count) => Math.min(count, quota));
}
