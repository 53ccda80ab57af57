/** A name in the middle of a sentence: "explained variance", but "CE score", "AutoInterp", "PCA". */
export const inSentence = (name: string): string =>
  /^[A-Z][a-z]+(?![A-Za-z])/.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
