import { type ScoredUnit, seedInterval, unitScores } from "@sae/metrics";
import { expect, test } from "vitest";
import { editScores } from "./editScores.js";

/** Pairs of each kind for an attribute. */
const count = 50;
/** Units of an attribute, of which a share of each kind is right. */
const unitsOf = (attribute: string, share: number): ScoredUnit[] =>
  ["cause", "isolation"].flatMap((kind) =>
    Array.from({ length: count }, (_, i) => ({
      id: `${attribute}/${kind} ${i}`,
      group: `${attribute}/${kind}`,
      value: Number(i < share * count),
    })),
  );
const cities = ["Country", "Continent", "Language"].flatMap((attribute) => unitsOf(attribute, 0.6));
const laureates = unitsOf("Field", 0.2);
const entityTypeOf = (attribute: string): string => (attribute === "Field" ? "nobel_prize_winner" : "city");

test("attributes of one kind of entities count alike", () => {
  const units = [...unitsOf("Country", 0.6), ...unitsOf("Language", 0.2)];
  const { cause, isolation, disentanglement } = editScores(units);
  for (const { value } of [cause, isolation, disentanglement]) expect(value).toBeCloseTo(0.4, 12);
  expect(editScores(units, () => "city")).toEqual(editScores(units));
  expect(disentanglement).toEqual(unitScores(units));
});

test("kinds of entities count alike, however many attributes they have", () => {
  const { cause, isolation, disentanglement } = editScores([...cities, ...laureates], entityTypeOf);
  for (const { value } of [cause, isolation, disentanglement]) expect(value).toBeCloseTo((0.6 + 0.2) / 2, 12);
});

test("kinds with equally many attributes leave the pairs' values as they are", () => {
  const units = [...unitsOf("Country", 0.6), ...laureates];
  expect(editScores(units, entityTypeOf)).toEqual(editScores(units));
});

test("who resamples the units finds the same score, and each kind's share of the variance", () => {
  const { disentanglement } = editScores([...cities, ...laureates], entityTypeOf);
  const { mean, low, high } = seedInterval([{ seed: 0, scores: disentanglement }], { pairing: "units" });
  expect(mean).toBeCloseTo(disentanglement.value, 12);
  // A score is the mean of two kinds' means, each over 2 · count pairs of every attribute.
  const variance = (0.6 * 0.4) / (3 * 2 * count) / 4 + (0.2 * 0.8) / (2 * count) / 4;
  expect(((high as number) - (low as number)) / 2 / (1.96 * Math.sqrt(variance))).toBeCloseTo(1, 1);
});

test("pairs of both kinds are needed", () => {
  expect(() => editScores(unitsOf("Country", 1).filter(({ group }) => group === "Country/cause"))).toThrow(
    "needed at least one unit, got none",
  );
});
