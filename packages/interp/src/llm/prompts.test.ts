import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { explainMessages, judgeMessages, promptVersion, reminder } from "./prompts.js";

test("another wording is another version", () => {
  const all = [
    explainMessages(["a", "b"]),
    judgeMessages("c", ["a", "b"]),
    reminder("", "description"),
    reminder("d", "numbers", 2),
  ];
  const hash = createHash("sha256").update(JSON.stringify(all)).digest("hex").slice(0, 16);
  // When this fails, raise promptVersion and write the new hash beside it.
  expect([promptVersion, hash]).toEqual([1, "2615adf0608277be"]);
});
