import { fold, key, sequence } from "@sae/core";
import { type Attribute, asPrompt, attributes, type CityFacts, cityTemplates } from "@sae/corpora";
import type { Tokenizer, TokenScorer, WeightArrays } from "@sae/models";

/** A question about a city, in tokens. */
export interface Question {
  readonly attribute: Attribute;
  readonly city: string;
  readonly template: string;
  readonly prompt: readonly number[];
  readonly answer: readonly number[];
}

/** Every template of a set filled with every city. The example city of a template is another one, drawn from a keyed stream. */
export function questions(
  facts: readonly CityFacts[],
  asked: readonly CityFacts[],
  tokenizer: Tokenizer,
  set: "train" | "test" = "test",
): Question[] {
  return attributes.flatMap((attribute) =>
    cityTemplates[attribute][set].flatMap((template, t) =>
      asked.map((fact): Question => {
        const next = sequence(fold(key("recall"), attribute, set, t, fact.city));
        const others = facts.filter(({ city }) => city !== fact.city);
        const other = others[next() % others.length] as CityFacts;
        const { prompt, answer } = asPrompt(template, {
          city: fact.city,
          value: fact[attribute],
          other: other.city,
          otherValue: other[attribute],
        });
        const all = tokenizer.encode(prompt + answer, { bos: true });
        // The answer begins with the first token that reaches behind the prompt.
        const start = all.offsets.findIndex(([, end]) => end > prompt.length);
        return { attribute, city: fact.city, template, prompt: all.ids.slice(0, start), answer: all.ids.slice(start) };
      }),
    ),
  );
}

/** Of how many questions every token of the answer was the likeliest, i.e. greedy decoding would have said it. */
export interface Recall {
  readonly asked: number;
  readonly right: number;
}

const rowsAtOnce = 64;

/** Asks all questions; the results are in their order. */
export async function answersRight(
  scorer: TokenScorer,
  weights: WeightArrays,
  asked: readonly Question[],
): Promise<boolean[]> {
  const right: boolean[] = [];
  // Questions of like length together: less padding.
  const order = asked
    .map((_, i) => i)
    .sort((a, b) => lengthOf(asked[a] as Question) - lengthOf(asked[b] as Question) || a - b);
  for (let begin = 0; begin < order.length; begin += rowsAtOnce) {
    const rows = order.slice(begin, begin + rowsAtOnce);
    const width = Math.max(...rows.map((i) => lengthOf(asked[i] as Question)));
    const contexts = new Int32Array(rows.length * width);
    rows.forEach((i, row) => {
      contexts.set([...(asked[i] as Question).prompt, ...(asked[i] as Question).answer], row * width);
    });
    const { correct } = await scorer.score(weights, contexts, rows.length);
    rows.forEach((i, row) => {
      const { prompt, answer } = asked[i] as Question;
      const first = row * (width - 1) + prompt.length - 1;
      right[i] = answer.every((_, at) => correct[first + at] === 1);
    });
  }
  return right;
}

const lengthOf = ({ prompt, answer }: Question): number => prompt.length + answer.length;

/** Counts right answers by a property of the question. */
export function recallBy(
  asked: readonly Question[],
  right: readonly boolean[],
  of: (question: Question) => string,
): Record<string, Recall> {
  const counts: Record<string, { asked: number; right: number }> = {};
  asked.forEach((question, i) => {
    const name = of(question);
    counts[name] ??= { asked: 0, right: 0 };
    counts[name].asked++;
    if (right[i]) counts[name].right++;
  });
  return counts;
}
