import { expect, test } from "vitest";
import { memoryEnvironment } from "./memoryEnvironment.js";

const tunablesOf = (given: string | undefined, platform: NodeJS.Platform = "linux") =>
  memoryEnvironment(given === undefined ? {} : { GLIBC_TUNABLES: given }, platform).GLIBC_TUNABLES;

const all = tunablesOf(undefined);

test("on Linux glibc is told to keep memory, and everything else stays", () => {
  expect(all).toMatch(/^glibc\.malloc\.\w+=\d+(:glibc\.malloc\.\w+=\d+)*$/);
  expect(memoryEnvironment({ HOME: "/somewhere" }, "linux")).toEqual({ HOME: "/somewhere", GLIBC_TUNABLES: all });
});

test("what the user has set stays as it is", () => {
  expect(tunablesOf("glibc.malloc.hugetlb=0:glibc.malloc.perturb=1")).toBe(
    `${all?.replace("glibc.malloc.hugetlb=1:", "")}:glibc.malloc.hugetlb=0:glibc.malloc.perturb=1`,
  );
});

test("a process that has it gives the same to its own", () => {
  expect(tunablesOf(all)).toBe(all);
});

test("elsewhere nothing changes", () => {
  expect(tunablesOf(undefined, "darwin")).toBeUndefined();
});
