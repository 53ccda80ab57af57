import { describe, expect, it } from "vitest";
import { type AddedToken, addedTokenSchema, findAddedTokens } from "./addedTokens.js";

const token = (id: number, content: string, more: Partial<AddedToken> = {}) =>
  addedTokenSchema.parse({ id, content, ...more });

/** What a text is made of: ids of tokens, and what lies between them. */
function parts(tokens: readonly AddedToken[], text: string): (number | string)[] {
  const found: (number | string)[] = [];
  findAddedTokens(tokens)(
    text,
    (id) => found.push(id),
    (start, end) => found.push(text.slice(start, end)),
  );
  return found;
}

/** The printable characters of ASCII that are neither letters nor digits. */
const punctuation = Array.from({ length: 0x7f - 0x20 }, (_, i) => String.fromCharCode(0x20 + i)).filter((character) =>
  /[^A-Za-z0-9]/.test(character),
);

describe("added tokens", () => {
  it.each(punctuation)("may have %s in them, which stands for itself", (character) => {
    const [alone, within] = [token(1, character), token(2, `<my${character}token>`)];
    expect(parts([alone], `a${character}b`)).toEqual(["a", 1, "b"]);
    expect(parts([within], `a<my${character}token>b<my.token`)).toEqual(["a", 2, "b<my.token"]);
    expect(parts([within], "a<my~?token>b")).toEqual(["a<my~?token>b"]);
  });

  it("are found leftmost first, the longest of those that start together", () => {
    const tokens = [token(1, "--"), token(2, "---"), token(3, "a-")];
    expect(parts(tokens, "x----")).toEqual(["x", 2, "-"]);
    expect(parts(tokens, "a---")).toEqual([3, 1]);
    expect(parts([], "a---")).toEqual(["a---"]);
  });
});
