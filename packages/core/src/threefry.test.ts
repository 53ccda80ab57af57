import { expect, test } from "vitest";
import { threefry } from "./threefry.js";

/** The known-answer vectors that the authors publish with Random123, for 20 rounds. */
test.each([
  { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
  { key: [0xffffffff, 0xffffffff], counter: [0xffffffff, 0xffffffff], words: [0x1cb996fc, 0xbb002be7] },
  { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
])("key $key, counter $counter gives $words", ({ key, counter, words }) => {
  const out = new Uint32Array(2);
  threefry(key[0], key[1], counter[0], counter[1], out, 0);
  expect([...out]).toEqual(words);
});
