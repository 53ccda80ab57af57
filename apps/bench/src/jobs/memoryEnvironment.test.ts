import { expect, test } from "vitest";
import { memoryEnvironment } from "./memoryEnvironment.js";

const tunablesOf = (given: string | undefined, platform: NodeJS.Platform = "linux") =>
  memoryEnvironment(given === undefined ? {} : { GLIBC_TUNABLES: given }, platform).GLIBC_TUNABLES;

test("on Linux glibc is asked for huge pages, and everything else stays", () => {
  expect(memoryEnvironment({ HOME: "/somewhere" }, "linux")).toEqual({
    HOME: "/somewhere",
    GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
  });
});

test.each([
  ["another setting", "glibc.malloc.perturb=1", "glibc.malloc.perturb=1:glibc.malloc.hugetlb=1"],
  [
    "the same, otherwise",
    "glibc.malloc.hugetlb=0:glibc.malloc.perturb=1",
    "glibc.malloc.hugetlb=0:glibc.malloc.perturb=1",
  ],
  ["nothing", "", "glibc.malloc.hugetlb=1"],
])("what the user has set stays: %s", (_, given, wanted) => {
  expect(tunablesOf(given)).toBe(wanted);
  expect(tunablesOf(wanted)).toBe(wanted);
});

test("elsewhere nothing changes", () => {
  expect(tunablesOf(undefined, "darwin")).toBeUndefined();
});
