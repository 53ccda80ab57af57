import { expect, test } from "vitest";
import { jobKindNames, loadJobKind } from "./kinds.js";

test.each(jobKindNames)("'%s' is found under its own name", async (name) => {
  expect((await loadJobKind(name)).kind).toBe(name);
});

test("another name is an error", async () => {
  await expect(loadJobKind("toString")).rejects.toThrow("no kind of job is called 'toString'");
});
