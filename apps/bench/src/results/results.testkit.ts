import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { expect } from "vitest";
import type { StudyRecord } from "./resultsSchema.js";

/** The schema as users have it: the file beside the package. */
const schema = JSON.parse(readFileSync(new URL("../../results.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ allErrors: true }).compile(schema);

/** Expects a record to be what the schema says, and everything that it refers to to be in it. */
export function expectResults(record: StudyRecord): void {
  validate(record);
  expect(validate.errors?.map(({ instancePath, message }) => `${instancePath} ${message}`) ?? []).toEqual([]);
  const runs = record.runs.map(({ id }) => id);
  const measures = record.measures.map(({ id }) => id);
  for (const ids of [runs, measures]) expect(new Set(ids).size).toBe(ids.length);
  const scores = record.scores.map(({ run, measure }) => `${run} ${measure}`);
  expect(new Set(scores).size).toBe(scores.length);
  for (const { run } of record.scores) expect(runs).toContain(run);
  for (const { measure } of [...record.scores, ...record.references, ...record.verdicts]) {
    expect(measures).toContain(measure);
  }
}
