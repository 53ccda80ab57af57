import { expect, test } from "vitest";
import { harvestJob } from "./harvestJob.js";
import { harvestShortfall, shortfallWarnings } from "./harvestShortfall.js";
import { type Job, job } from "./job.js";

const harvest = (rows?: number): Job =>
  job(
    harvestJob,
    { model: {}, texts: {}, hook: "blocks.1.hook_resid_post", nCtx: 16, ...(rows !== undefined && { rows }) },
    { title: "harvest tiny", sizes: () => null },
  );

test("texts that are too short are said to be, with how far they went", () => {
  expect(harvestShortfall({ rows: 999_999 }, { rows: 29_941 })).toBe(
    "the texts gave 29\u2009941 of 999\u2009999 activations",
  );
  expect(harvestShortfall({ rows: 1000 }, { rows: 1000 })).toBe(null);
  expect(harvestShortfall({}, { rows: 10 })).toBe(null);
});

test("of a study every harvest that is done has its warning", () => {
  const [short, enough, unfinished] = [harvest(900), harvest(100), harvest(901)];
  const resultOf = (one: Job) => (one === unfinished ? null : { rows: 100 });
  expect(shortfallWarnings([short, enough, unfinished], resultOf)).toEqual([
    "harvest tiny: the texts gave 100 of 900 activations; give more --text, or ask for fewer --tokens",
  ]);
});
