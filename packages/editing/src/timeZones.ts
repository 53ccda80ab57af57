/** A winter and a summer of one year: offsets differ where clocks are put forward. */
const seasons = [Date.UTC(2024, 0, 15), Date.UTC(2024, 6, 15)];

/** Whether a name looks like one of the IANA time zone data base: `Europe/Copenhagen`. */
export const isTimeZone = (name: string): boolean => /^[A-Z][A-Za-z]+\/[A-Za-z_/+-]+$/.test(name);

/** Minutes east of UTC that a text begins with: `+5:30`, `-03`, `8`. */
function minutesOf(text: string): number | null {
  const found = /^([+\-−–]?)\s*(\d{1,2})(?::?(\d{2}))?/.exec(text);
  if (!found) return null;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  return found[1] === "" || found[1] === "+" ? minutes : -minutes;
}

/** Minutes east of UTC of a zone at a time; null for a zone that the runtime does not know. */
function offsetAt(zone: string, time: number): number | null {
  try {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" }).formatToParts(time);
    const name = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
    return name === "GMT" ? 0 : minutesOf(name.replace("GMT", ""));
  } catch {
    return null;
  }
}

/** Whether a text begins with the offset that a zone has in winter or in summer. */
export function isOffsetOf(text: string, zone: string): boolean {
  const minutes = minutesOf(text);
  return minutes !== null && seasons.some((time) => offsetAt(zone, time) === minutes);
}
