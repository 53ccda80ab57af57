import { expect, test } from "vitest";
import { parseHubReference } from "./hubReference.js";

test.each([
  ["org/name", { repo: "org/name" }],
  ["TinyLlama/TinyLlama-1.1B-Chat-v1.0", { repo: "TinyLlama/TinyLlama-1.1B-Chat-v1.0" }],
  ["org/name@v1.0", { repo: "org/name", revision: "v1.0" }],
  ["org/name@refs/pr/1", { repo: "org/name", revision: "refs/pr/1" }],
  ["org/name:q8_0.gguf", { repo: "org/name", file: "q8_0.gguf" }],
  ["org/name@main:sub/a b.gguf", { repo: "org/name", revision: "main", file: "sub/a b.gguf" }],
])("%s", (text, reference) => expect(parseHubReference(text)).toEqual(reference));

test.each(["", "name", "a/b/c", "./a/b", "../a", "/a/b", "org/name@", "org/name:", "C:\\a\\b", "org/name@a:b:c"])(
  "none: %j",
  (text) => expect(parseHubReference(text)).toBe(null),
);
