import { escapeXml } from "../figures/escapeXml.js";
import { heatLevels } from "./heat.js";
import { inlineHtml } from "./htmlText.js";
import type { ReportContexts, ReportLatent, ReportSequence } from "./report.js";
import { visibleText } from "./visibleText.js";

/**
 * Texts in which a latent is active: the background of a token by its activation, as a share of the latent's largest; the
 * strongest token of each text is bold and underlined, and its activation printed.
 */
export function contextsHtml({ id, caption, latents }: ReportContexts, number: number): string {
  const steps = Array.from(
    { length: heatLevels },
    (_, i) => `<span class="t${i + 1}">${i === 0 ? "weak" : i === heatLevels - 1 ? "strong" : "\u00a0"}</span>`,
  );
  return [
    `<figure id="${escapeXml(id)}">`,
    `<p class="legend">Activation of a token, as a share of the latent's largest: <span class="heat">${steps.join("")}</span>; ` +
      `<span class="strongest t${heatLevels}">strongest token</span> of its text, whose activation stands before it. ↵ is a line break, ␣ a space.</p>`,
    `<div class="latents">${latents.map(latentHtml).join("\n")}</div>`,
    `<figcaption><p>Figure ${number}. ${inlineHtml(caption)}</p></figcaption>`,
    "</figure>",
  ].join("\n");
}

function latentHtml({ title, description, score, sequences }: ReportLatent): string {
  const largest = Math.max(0, ...sequences.flatMap(({ activations }) => activations));
  const judged =
    score === null
      ? ""
      : `<p class="detail">Judge right in ${Math.round(100 * score)} % of the texts; chance 50 %.</p>`;
  return [
    `<div class="latent"><h3>${escapeXml(visibleText(title))}</h3>`,
    description === "" ? "" : `<p dir="auto">${escapeXml(visibleText(description))}</p>`,
    judged,
    sequences.length === 0
      ? `<p class="detail">Never active here.</p>`
      : `<ul>${sequences.map((sequence) => sequenceHtml(sequence, largest)).join("\n")}</ul>`,
    "</div>",
  ].join("\n");
}

function sequenceHtml({ tokens, activations }: ReportSequence, largest: number): string {
  const peak = activations.reduce((best, value, i) => (value > (activations[best] ?? 0) ? i : best), 0);
  const peakValue = activations[peak] ?? 0;
  const text = tokens.map((token, i) => {
    const value = activations[i];
    // The space before a word belongs to its token, but is no part of what a reader looks at.
    const [, space, word] = /^( ?)(.*)$/s.exec(token) as RegExpExecArray;
    const [before, shown] = word === "" ? ["", escapeXml(visibleText(token))] : [space, escapeXml(visibleText(word))];
    if (!(value > 0)) return before + shown;
    const level = Math.max(1, Math.ceil((heatLevels * value) / largest));
    return `${before}${markHtml(shown, level, value, i === peak)}`;
  });
  return `<li><span class="peak">${number(peakValue)}</span> <bdi class="tokens" dir="auto">${text.join("")}</bdi></li>`;
}

const markHtml = (text: string, level: number, value: number, isStrongest: boolean): string =>
  isStrongest
    ? `<mark class="strongest t${level}" tabindex="0" title="${number(value)}">${text}</mark>`
    : `<mark class="t${level}" title="${number(value)}">${text}</mark>`;

const number = (value: number): string => `${Number(value.toPrecision(3))}`.replace("-", "−");
