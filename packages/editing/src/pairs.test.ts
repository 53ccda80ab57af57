import { key } from "@sae/core";
import { describe, expect, it } from "vitest";
import { isRight } from "./isRight.js";
import { type KnownPrompt, knownPrompts } from "./knownPrompts.js";
import { drawPairs } from "./pairs.js";
import { type Prompt, promptId } from "./prompts.js";

const sides = ["train", "test"] as const;
const cities = ["Paris", "Lyon", "Lima", "Cusco", "Oslo", "Bergen"];
const country = ["France", "France", "Peru", "Peru", "Norway", "Norway"];
const food = ["cheese", "cheese", "corn", "fish", "fish", "corn"];

/** A prompt of each city, template and attribute; on the test side the cities have other names. */
const prompts: Prompt[] = sides.flatMap((split) =>
  cities.flatMap((city, i) =>
    ["Country", "Food", "Colour"].flatMap((attribute) =>
      [0, 1].map((t) => {
        const entity = split === "train" ? city : `${city} II`;
        const label = { Country: country[i], Food: food[i], Colour: "red" }[attribute] as string;
        const template = split === "train" ? t : t + 2;
        return {
          attribute,
          template,
          entity,
          split,
          text: `${attribute} ${template} of ${entity}:`,
          label,
          ids: [1, 2, 3],
          position: 1,
        };
      }),
    ),
  ),
);
/** A decoder whose token 100 + i is the i-th prompt's label. */
const decode = (ids: readonly number[]): string => ids.map((id) => prompts[id - 100]?.label ?? "nothing").join(" ");
const ids = prompts.map((_, i) => [100 + i]);
const { prompts: known } = knownPrompts(prompts, ids, { decode });
const draw = (list: readonly KnownPrompt[], count = 12, least = 1) =>
  drawPairs(list, { key: key(0), pairs: { train: count, test: count }, least });

describe("what a model knows", () => {
  it("is what it answers rightly", () => {
    const wrong = ids.map((one, i) => (i % 3 === 0 ? [1] : one));
    const { prompts: some, recall, entities } = knownPrompts(prompts, wrong, { decode });
    expect(some).toHaveLength(48);
    expect(recall.Country).toEqual({ asked: 24, right: 12 });
    expect(entities).toEqual({ known: 12, kept: 12 });
    expect(some[0]).toMatchObject({ completion: "France", answer: [101] });
  });

  it("keeps the entities that it knows most about, of both sides", () => {
    const wrong = ids.map((one, i) => (/Lima|Oslo/.test(prompts[i]?.entity ?? "") && i % 2 === 0 ? [1] : one));
    const { prompts: some, entities } = knownPrompts(prompts, wrong, { decode }, 8);
    expect(entities).toEqual({ known: 12, kept: 8 });
    expect([...new Set(some.map(({ entity }) => entity))]).toEqual([
      ...["Paris", "Lyon", "Cusco", "Bergen"],
      ...["Paris II", "Lyon II", "Cusco II", "Bergen II"],
    ]);
  });

  it("may be nothing", () => {
    const wrong = ids.map(() => [1]);
    expect(() => knownPrompts(prompts, wrong, { decode })).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: RAVEL: needed entities that the model knows something about, got none in 72 prompts (after 'Country 0 of Paris:' it says 'nothing', not 'France'); take a larger model, another table, or more new tokens]`,
    );
    expect(() => knownPrompts([], [], { decode })).toThrow(/there was no prompt/);
  });
});

describe("pairs", () => {
  const { attributes, leftOut, prompts: used } = draw(known);
  const all = attributes.flatMap(({ train, test }) => [...train, ...test]);
  const at = (i: number) => used[i] as KnownPrompt;

  it("are as many of one kind as of the other, each drawn once", () => {
    for (const { train, test } of attributes) {
      for (const list of [train, test]) {
        expect(list.filter(({ kind }) => kind === "cause")).toHaveLength(12);
        expect(list.filter(({ kind }) => kind === "isolation")).toHaveLength(12);
      }
    }
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
  });

  it("have entities and templates of one side, and train and test share neither", () => {
    const named = (side: (typeof sides)[number]) =>
      attributes.flatMap(({ [side]: list }) => list.flatMap(({ base, source }) => [at(base), at(source)]));
    const [train, test] = [named("train"), named("test")];
    for (const of of [(p: KnownPrompt) => p.entity, (p: KnownPrompt) => `${p.attribute} ${p.template}`]) {
      const seen = new Set(train.map(of));
      expect(test.map(of).filter((value) => seen.has(value))).toEqual([]);
    }
  });

  it("for cause: the source's value, and the token that the model says for the source in the base's words", () => {
    for (const { edited, asked, base, source, label, answer } of all.filter(({ kind }) => kind === "cause")) {
      expect(asked).toBe(edited);
      expect(label).toBe(at(source).label);
      expect(at(base).label).not.toBe(label);
      const same = used.concat(known).find((p) => promptId(p) === promptId({ ...at(base), entity: at(source).entity }));
      expect(answer).toEqual(same?.answer);
      expect(isRight({ attribute: asked, prompt: at(base).text, label, completion: at(base).completion })).toBe(false);
    }
  });

  it("for isolation: another attribute, whose value stays that of the base", () => {
    for (const { edited, asked, base, source, label, answer } of all.filter(({ kind }) => kind === "isolation")) {
      expect(asked).not.toBe(edited);
      expect([at(base).attribute, at(source).attribute]).toEqual([asked, asked]);
      expect([label, answer]).toEqual([at(base).label, at(base).answer]);
      expect(at(source).label).not.toBe(label);
    }
  });

  it("keep the other attributes when one has a single value", () => {
    expect(attributes.map(({ attribute }) => attribute)).toEqual(["Country", "Food"]);
    expect(leftOut.map(({ reason }) => reason)).toMatchInlineSnapshot(`
      [
        "Colour: needed prompts with two values or more that the model knows, got only 'red'; add entities, or leave the attribute out",
      ]
    `);
  });

  it("report an attribute that was asked for and is not known at all", () => {
    const asked = { key: key(0), pairs: { train: 8, test: 8 }, least: 1, attributes: ["Mayor", "Food", "Country"] };
    const found = drawPairs(known, asked);
    expect(found.attributes.map(({ attribute }) => attribute)).toEqual(["Food", "Country"]);
    expect(found.leftOut.map(({ reason }) => reason)).toMatchInlineSnapshot(`
      [
        "Mayor: needed prompts with two values or more that the model knows, got none; add entities, or leave the attribute out",
      ]
    `);
  });

  it("are the same for the same key, and all that there are when more are asked for", () => {
    expect(draw(known)).toEqual(draw(known));
    // 12 prompts of Country on a side; each goes with the 8 of other countries.
    const train = draw(known, 1000).attributes[0]?.train ?? [];
    expect(train.filter(({ kind }) => kind === "cause")).toHaveLength(96);
  });

  it("say of which kind of entities they are, where that is known", () => {
    const found = drawPairs(known, { key: key(0), pairs: { train: 4, test: 4 }, least: 1, entityType: "city" });
    expect(found.attributes.map(({ entityType }) => entityType)).toEqual(["city", "city"]);
    expect(Object.keys(draw(known).attributes[0] as object)).toEqual(["attribute", "train", "test"]);
  });

  it("are refused for a single attribute: nothing is left to be isolated", () => {
    const only = { key: key(0), pairs: { train: 8, test: 8 }, attributes: ["Country"] };
    expect(() => drawPairs(known, only)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: RAVEL: isolation needs a second attribute, got only 'Country'; add another attribute of the same entities]`,
    );
    expect(() => draw([])).toThrow("isolation needs a second attribute, got none");
    const withColour = known.filter(({ attribute }) => attribute !== "Food");
    expect(() => draw(withColour)).toThrowErrorMatchingInlineSnapshot(
      `[SaeError: RAVEL: no attribute has enough pairs. Country: isolation needs a second attribute with two values or more that the model knows, got none; add entities or another attribute. Colour: needed prompts with two values or more that the model knows, got only 'red'; add entities, or leave the attribute out]`,
    );
  });

  it("are refused when there are too few", () => {
    expect(() => draw(known, 12, 13)).toThrow(/Country: needed 13 pairs of each kind to train on, got 12/);
  });

  it("never ask for a completion that passes for both: Niger and Nigeria", () => {
    const alike = known.map((prompt) =>
      prompt.attribute === "Country" && prompt.label === "France"
        ? { ...prompt, label: "Peruvia", completion: "Peru" }
        : prompt,
    );
    const found = draw(alike, 1000).attributes.flatMap(({ train, test }) => [...train, ...test]);
    expect(
      found.some(({ kind, label, base }) => kind === "cause" && label === "Peru" && at(base).label === "France"),
    ).toBe(false);
  });
});
