import { describe, expect, test } from "vitest";
import type { LatentExamples, Sequence } from "../explainer.js";
import { ngramExplainer, ngramJudge } from "./ngramExplainer.js";

/** A text in words, active where they stand in brackets. */
const text = (words: string): Sequence => {
  const tokens = words.split(" ").map((item) => ` ${item}`);
  return {
    id: words,
    tokens: tokens.map((token) => token.replace(/[[\]]/g, "")),
    ids: tokens.map((_, at) => at),
    activations: tokens.map((token) => (token.includes("[") ? 1 : 0)),
  };
};
const examples = (activating: readonly string[], inactive: readonly string[]): LatentExamples => ({
  latent: 7,
  activating: activating.map(text),
  inactive: inactive.map(text),
});

describe("an explanation", () => {
  test.each<[string, string[], string[], string]>([
    ["a token", ["the [fox] ran", "a [fox]"], ["the dog ran", "a dog"], "‘ fox’"],
    ["whatever its case", ["the [fox] ran", "a [Fox]"], ["the dog ran"], "‘fox’ in any case"],
    [
      "only after another, where the token alone is not enough",
      ["a red [fox] ran", "one red [fox]"],
      ["the fox ran", "red dogs see a fox"],
      "‘ fox’ right after ‘ red’",
    ],
    [
      "at a distance",
      ["red and [fox] ran", "one red old [fox]", "red or [fox]"],
      ["a fox ran", "red dogs see a fox", "red fox", "fox red"],
      "‘ fox’ 2 tokens after ‘ red’",
    ],
    [
      "after three in a row",
      ["to be [or] not", "that to be [or] so"],
      ["be or not to", "may be or to", "to do or be", "to or be", "to see be or"],
      "‘ or’ right after ‘ to’ ‘ be’",
    ],
    [
      "whatever comes after a token",
      ["mr [x] ran", "see mr [y]", "mr [z]"],
      ["x ran", "y or z", "see x mr"],
      "any token right after ‘ mr’",
    ],
    ["several", ["a [cat]", "one [cat]", "a [dog]", "one [dog]"], ["a fish", "one fish"], "‘ cat’ or ‘ dog’"],
    ["nothing that one text alone has", ["a [cat]", "one [dog]"], ["a fish", "one fish"], "no pattern found"],
    ["nothing without examples", [], ["a fish"], "no pattern found"],
  ])("%s", async (_, activating, inactive, expected) => {
    const given = examples(activating, inactive);
    const explanation = await ngramExplainer().explain(given);
    expect(explanation).toMatchObject({ latent: 7, text: expected });
    // What the judge says of the examples is what the patterns were chosen for.
    if (expected === "no pattern found") return;
    expect(await ngramJudge.judge(explanation, given.activating)).toEqual(activating.map(() => true));
    expect(await ngramJudge.judge(explanation, given.inactive)).toEqual(inactive.map(() => false));
  });

  test("without inactive examples, what is active in most of the others", async () => {
    const { text: found } = await ngramExplainer().explain(examples(["a [fox]", "a [fox] ran"], []));
    expect(found).toBe("‘ fox’");
  });

  test("weak activations are not what it is about", async () => {
    const weak = examples(["a [fox]", "a [fox] ran"], ["dogs ran", "two dogs"]);
    const activating = weak.activating.map((sequence) => ({
      ...sequence,
      activations: sequence.activations.map((value, at) => (at === 0 ? 0.4 : value)),
    }));
    expect((await ngramExplainer().explain({ ...weak, activating })).text).toBe("‘ fox’");
  });

  test("single tokens only, under a name of its own", async () => {
    const explainer = ngramExplainer({ reach: 0 });
    expect([explainer.name, ngramExplainer().name]).toEqual(["unigram", "ngram"]);
    const explained = await explainer.explain(examples(["a red [fox]", "one red [fox]"], ["a fox", "it"]));
    expect(explained.text).toBe("‘ fox’");
  });

  test("at most so many patterns", async () => {
    const words = ["a", "b", "c", "d"].flatMap((word) => [`x [${word}]`, `y [${word}]`]);
    const explained = await ngramExplainer({ patterns: 2 }).explain(examples(words, ["x", "y"]));
    expect(explained.data).toMatchObject({ patterns: { length: 2 } });
  });
});

describe("the judge", () => {
  test("finds the patterns of an explanation that went through JSON", async () => {
    const explanation = await ngramExplainer().explain(examples(["a [fox]", "one [fox]"], ["a dog"]));
    const read = JSON.parse(JSON.stringify(explanation));
    expect(await ngramJudge.judge(read, [text("the fox"), text("the dog")])).toEqual([true, false]);
    expect(await ngramJudge.judge(read, [])).toEqual([]);
  });

  test("does not read words", async () => {
    await expect(ngramJudge.judge({ latent: 3, text: "foxes" }, [])).rejects.toThrow(
      "judge ngram: needed patterns to explain latent 3, got text alone; use the explainer of this judge",
    );
  });
});
