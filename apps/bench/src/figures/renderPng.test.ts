import { expect, test } from "vitest";
import { renderPng } from "./renderPng.js";

const picture = (content: string, weight = 400): Buffer =>
  renderPng(
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 20" width="40" height="20" font-family="Inter, sans-serif" ` +
      `fill="currentColor"><text x="2" y="15" font-size="14" font-weight="${weight}">${content}</text></svg>`,
  );

test("has the size asked for", () => {
  const png = picture("");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([80, 40]);
});

test("text needs no font of the machine", () => {
  expect(picture("a").equals(picture(""))).toBe(false);
  expect(picture("a", 600).equals(picture("a"))).toBe(false);
  expect(picture("a").equals(picture("a"))).toBe(true);
});

test.each([..."↑→−–±‖²⁻⁵x̂τθ≥‘é%"])("the font has a glyph for %s", (character) => {
  const absent = picture("\ue000"); // private use: drawn as the mark of a missing glyph
  expect(picture(character).equals(picture(""))).toBe(false);
  expect(picture(character).equals(absent)).toBe(false);
});
