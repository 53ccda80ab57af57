/** An answer without what the model thought aloud before it (`<think>…</think>`; some servers leave the first sign out). Nothing, if it never came to an end. */
export const withoutThoughts = (text: string): string =>
  text
    .replace(/^.*<\/think>/s, "")
    .replace(/<think>.*$/s, "")
    .trim();
