import { homedir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cacheFolder } from "./cacheFolder.js";

test("the first that is set decides", () => {
  expect(cacheFolder({ SAE_CACHE: "/data/sae", XDG_CACHE_HOME: "/data/cache" })).toBe("/data/sae");
  expect(cacheFolder({ SAE_CACHE: "", XDG_CACHE_HOME: "/data/cache" })).toBe(join("/data/cache", "sae"));
  expect(cacheFolder({})).toBe(join(homedir(), ".cache", "sae"));
});
