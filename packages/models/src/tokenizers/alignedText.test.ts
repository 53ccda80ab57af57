import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AlignedText, applyEdits, originalRange, replaceUnit, unaligned } from "./alignedText.js";

/** What each unit of an edited text stands for. */
const parts = (aligned: AlignedText, original: string) =>
  Array.from({ length: aligned.text.length }, (_, at) => original.slice(...originalRange(aligned, at, at + 1)));

describe("applyEdits", () => {
  it("replaced units stand for all that they replaced, inserted ones for nothing", () => {
    const edited = applyEdits(unaligned("a--b"), [
      { start: 0, end: 0, content: "▁" },
      { start: 1, end: 3, content: "+" },
      { start: 4, end: 4, content: "!" },
    ]);
    expect(edited.text).toBe("▁a+b!");
    expect(parts(edited, "a--b")).toEqual(["", "a", "--", "b", ""]);
    expect(originalRange(edited, 1, 3)).toEqual([0, 3]);
    expect(originalRange(edited, 0, 1)).toEqual([0, 0]);
    expect(originalRange(edited, 4, 5)).toEqual([4, 4]);
  });

  it("edits of edits lead back to the original", () => {
    const first = applyEdits(unaligned("xyz"), [{ start: 1, end: 2, content: "YY" }]); // xYYz
    const second = applyEdits(first, [{ start: 2, end: 4, content: "w" }]); // xYw
    expect(second.text).toBe("xYw");
    expect(parts(second, "xyz")).toEqual(["x", "y", "yz"]);
  });

  it("one unit for one unit moves nothing", () => {
    const edited = applyEdits(unaligned("a b"), [{ start: 1, end: 2, content: "▁" }]);
    expect(edited).toEqual({ text: "a▁b", origin: null });
    expect(replaceUnit(unaligned("a b"), " ", "▁")).toEqual(edited);
  });

  it("of nothing, and to nothing", () => {
    expect(applyEdits(unaligned(""), [])).toEqual(unaligned(""));
    const emptied = applyEdits(unaligned("ab"), [{ start: 0, end: 2, content: "" }]);
    expect(emptied.text).toBe("");
    expect(originalRange(emptied, 0, 0)).toEqual([0, 0]);
    expect(parts(applyEdits(unaligned(""), [{ start: 0, end: 0, content: "▁" }]), "")).toEqual([""]);
  });

  it("ranges keep their order", () => {
    const edit = fc.record({ gap: fc.nat(3), length: fc.nat(3), content: fc.string({ maxLength: 3 }) });
    fc.assert(
      fc.property(fc.string(), fc.array(fc.array(edit, { maxLength: 4 }), { maxLength: 3 }), (text, rounds) => {
        let aligned = unaligned(text);
        for (const round of rounds) {
          let at = 0;
          const edits = round.flatMap(({ gap, length, content }) => {
            const start = at + gap;
            if (start + length > aligned.text.length) return [];
            at = start + length + 1;
            return [{ start, end: start + length, content }];
          });
          aligned = applyEdits(aligned, edits);
        }
        let [lastStart, lastEnd] = [0, 0];
        for (let at = 0; at < aligned.text.length; at++) {
          const [start, end] = originalRange(aligned, at, at + 1);
          expect(start).toBeGreaterThanOrEqual(lastStart);
          expect(end).toBeGreaterThanOrEqual(lastEnd);
          expect(end).toBeGreaterThanOrEqual(start);
          expect(end).toBeLessThanOrEqual(text.length);
          [lastStart, lastEnd] = [start, end];
        }
      }),
    );
  });
});
