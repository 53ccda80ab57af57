import { expect, test } from "vitest";
import { markedText, sequenceText } from "./sequenceText.js";

test("a sequence is one line, without halves of characters", () => {
  expect(sequenceText({ tokens: [" The", " end", ".\n", "\r\n", "New", "\uFFFD", " line "] })).toBe(
    "The end.↵↵New line",
  );
  expect(sequenceText({ tokens: [] })).toBe("");
});

test("active neighbours share their marks, the space before them stays outside", () => {
  const tokens = ["In", " New", " York", ",", " a", "\n"];
  expect(markedText({ tokens, activations: [0, 3, 2, 0, 1, 0] }, 0)).toBe("In ⟦New York⟧, ⟦a⟧↵");
  expect(markedText({ tokens, activations: [0, 3, 2, 0, 1, 0] }, 1)).toBe("In ⟦New York⟧, a↵");
  expect(markedText({ tokens, activations: [1, 0, 0, 0, 0, 1] }, 0)).toBe("⟦In⟧ New York, a⟦↵⟧");
  expect(markedText({ tokens: [], activations: [] }, 0)).toBe("");
});
