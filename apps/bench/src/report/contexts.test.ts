import { parseHTML } from "linkedom";
import { expect, test } from "vitest";
import { contrast } from "../figures/contrast.testkit.js";
import { inkOf } from "../figures/palette.js";
import { contextsHtml } from "./contextsHtml.js";
import { heatColour, heatLevels } from "./heat.js";
import { visibleText } from "./visibleText.js";

const latent = { title: "Latent 7", description: "names", score: 0.9, sequences: [] };
const documentOf = (latents: Parameters<typeof contextsHtml>[0]["latents"]) =>
  parseHTML(`<main>${contextsHtml({ id: "contexts", caption: "Examples.", latents }, 3)}</main>`).document;

test("tokens are marked by activation; the strongest of a text is underlined and its value printed", () => {
  const sequences = [{ tokens: ["A", " girl", " named", " Lily"], activations: [0, 1, 0.01, 4] }];
  const page = documentOf([{ ...latent, sequences }]);
  expect(page.querySelector("li .tokens")?.innerHTML).toMatchInlineSnapshot(
    `"A <mark class="t2" title="1">girl</mark> <mark class="t1" title="0.01">named</mark> <mark class="strongest t8" tabindex="0" title="4">Lily</mark>"`,
  );
  expect(page.querySelector("li .peak")?.textContent).toBe("4");
  expect(page.querySelector(".latent .detail")?.textContent).toBe("Judge right in 90 % of the texts; chance 50 %.");
  expect(page.querySelector("figcaption")?.textContent?.trim()).toBe("Figure 3. Examples.");
});

test("what a model or an explainer wrote is text, never mark-up", () => {
  const tokens = ["<script>alert(1)</script>", "&amp;", '"'];
  const page = documentOf([
    { title: "<b>", description: "**not** `bold` <i>", score: null, sequences: [{ tokens, activations: [1, 0, 2] }] },
  ]);
  expect(page.querySelector("script, b, i, strong, code")).toBeNull();
  expect(page.querySelector("li .tokens")?.textContent).toBe(tokens.join(""));
  expect(page.querySelector(".latent p")?.textContent).toBe("**not** `bold` <i>");
});

test.each([
  ["\n\n", "↵↵"],
  [" ", "␣"],
  [" the", " the"],
  ["\ta\r", "⇥a␍"],
  ["\u0000\u007f\u0085", "␀␡\ufffd"],
  ["a\u202eb", "a⟨U+202E⟩b"],
  ["\ud800", "\ufffd"],
  ["مرحبا 👩‍👩‍👧", "مرحبا 👩‍👩‍👧"],
  ["", ""],
])("%j is shown as %j", (text, shown) => {
  expect(visibleText(text)).toBe(shown);
});

test("nothing to show is said, and nothing active is not marked", () => {
  expect(documentOf([latent]).querySelector(".latent")?.textContent).toContain("Never active here.");
  const page = documentOf([
    {
      ...latent,
      sequences: [
        { tokens: ["a", "b"], activations: [0, 0] },
        { tokens: [], activations: [] },
      ],
    },
  ]);
  expect(page.querySelector(".latents mark")).toBeNull();
  expect(documentOf([]).querySelector(".latents")?.textContent).toBe("");
});

test.each(["light", "dark"] as const)("text is readable on every background, %s", (theme) => {
  for (let level = 1; level <= heatLevels; level++) {
    expect(contrast(inkOf(theme), heatColour(level, theme)), `level ${level}`).toBeGreaterThan(4.5);
  }
});
