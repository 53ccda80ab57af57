import { escapeXml } from "../figures/escapeXml.js";

/** Text with its two kinds of mark-up. */
export const inlineHtml = (text: string): string =>
  escapeXml(text)
    .replaceAll(/`([^`]+)`/g, "<code>$1</code>")
    .replaceAll(/\*\*([^*]+)\*\*/g, "<strong>$1</strong>");

/** A paragraph for each text. */
export const paragraphsHtml = (prose: readonly string[]): string =>
  prose.map((text) => `<p>${inlineHtml(text)}</p>`).join("\n");

/**
 * What is one click away; nothing where there is nothing to show.
 *
 * @param kind class of the element: `"words"` is not printed
 */
export const detailsHtml = (summary: string, body: readonly string[], kind?: string): string =>
  body.length === 0
    ? ""
    : `<details${kind === undefined ? "" : ` class="${kind}"`}><summary>${escapeXml(summary)}</summary><div class="inside">\n${body.join("\n")}\n</div></details>`;

/** Terms and what they mean. */
export const definitionsHtml = (terms: readonly (readonly [term: string, meaning: string])[]): string =>
  terms.length === 0
    ? ""
    : `<dl>${terms.map(([term, meaning]) => `<dt>${inlineHtml(term)}</dt><dd>${inlineHtml(meaning)}</dd>`).join("\n")}</dl>`;

/** The command that makes something, to copy. */
export const commandHtml = (command: string | undefined): string[] =>
  command === undefined
    ? []
    : [`<div class="command"><p>Made by</p><pre tabindex="0"><code>${escapeXml(command)}</code></pre></div>`];

/**
 * What scrolls sideways where it is too wide: focusable, so that the keyboard scrolls it too. Not a landmark, of which a page
 * should have few.
 */
export const scrollHtml = (label: string, content: string): string =>
  `<div class="scroll" role="group" tabindex="0" aria-label="${escapeXml(label)}">${content}</div>`;
