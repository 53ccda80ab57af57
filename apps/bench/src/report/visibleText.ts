/** Characters that turn the direction of what follows, and would leave the text that they are quoted from. */
const directions = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/**
 * A token or text of a model as readers can see it: line breaks, tabs and other control characters as signs of their own,
 * and spaces too where there is nothing else.
 */
export function visibleText(text: string): string {
  const shown = /^ +$/.test(text) ? text.replaceAll(" ", "␣") : text;
  return shown
    .replaceAll("\n", "↵")
    .replaceAll("\t", "⇥")
    .replaceAll(directions, (sign) => `⟨U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`)
    .replaceAll(/\p{Cc}/gu, controlPicture)
    .replaceAll(/\p{Cs}/gu, "\ufffd");
}

/** U+0000 to U+001F and U+007F have pictures; the others have not. */
function controlPicture(sign: string): string {
  const code = sign.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "␡" : "\ufffd";
}
