const prefixes = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/** A size with three digits and a decimal prefix: `siText(2.34e12, "B")` is "2.34 TB". */
export function siText(value: number, unit: string): string {
  let rounded = Number(value.toPrecision(3));
  let at = 0;
  while (rounded >= 1000 && at < prefixes.length - 1) {
    rounded = Number((rounded / 1000).toPrecision(3));
    at++;
  }
  return `${rounded} ${prefixes[at]}${unit}`;
}
