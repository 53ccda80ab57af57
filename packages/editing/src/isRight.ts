import { isOffsetOf, isTimeZone } from "./timeZones.js";

/** A completion, and what it is judged against. */
export interface Answer {
  /** What was asked for: "Country". */
  readonly attribute: string;
  /** The whole prompt: some answers are read by how the question was put. */
  readonly prompt: string;
  readonly label: string;
  readonly completion: string;
}

/** An answer made ready: `said` is the completion up to the first double quote without spaces and quotes around it. */
interface Trimmed extends Answer {
  readonly said: string;
  /** `said` and the label in small letters. */
  readonly lower: string;
  readonly wanted: string;
}

/** A kind of answer that is not judged by its beginning. */
interface Rule {
  readonly applies: (answer: Trimmed) => boolean;
  readonly right: (answer: Trimmed) => boolean;
}

const isPrefix = (a: string, b: string): boolean => a.startsWith(b) || b.startsWith(a);
const firstWhole = (text: string): number => Number(/\d+/.exec(text)?.[0] ?? Number.NaN);
const withoutThe = (text: string): string => text.replace(/^the /, "");
const asksFor = ({ attribute, prompt }: Answer, what: RegExp): boolean => what.test(attribute) || what.test(prompt);

/** The first that applies decides. */
const rules: readonly Rule[] = [
  {
    // Degrees, to within 2. Prompts write north and south in many ways ("33.9° S", "33.9"), so the sign is not looked at.
    applies: (answer) => asksFor(answer, /coord|latitude|longitude/i),
    right: ({ said, label }) => Math.abs(firstWhole(said) - firstWhole(label)) <= 2,
  },
  {
    // "UTC" + completion, against a zone of the IANA data base: its offset in January or in July.
    applies: ({ prompt, label }) => /UTC$/.test(prompt) && isTimeZone(label),
    right: ({ said, label }) => isOffsetOf(said, label),
  },
  {
    // Names whose capitals tell them from ordinary words: "the United States", but not "the united".
    applies: ({ label }) => /United (States|Kingdom)/.test(label),
    right: ({ said, label }) =>
      isPrefix(withoutThe(said), withoutThe(label)) || (label.includes("Kingdom") && said.startsWith("England")),
  },
  {
    applies: ({ wanted }) => wanted === "south korea",
    right: ({ lower }) => lower.startsWith("korea") || isPrefix(lower, "south korea"),
  },
  {
    applies: ({ wanted }) => wanted === "north america",
    right: ({ lower }) => lower.includes("north america") || lower === "na" || lower.startsWith("america"),
  },
  {
    applies: ({ wanted }) => wanted.includes("mandarin"),
    right: ({ lower, wanted }) => wanted.includes(lower) || lower === "chinese",
  },
  {
    // Any of several languages.
    applies: (answer) => answer.label.includes(",") && asksFor(answer, /language/i),
    right: ({ lower, wanted }) =>
      wanted
        .split(",")
        .map((language) => language.trim())
        .some((language) => language !== "" && lower.includes(language)),
  },
];

/**
 * Whether a completion says what the label says, as SAEBench judges it: the completion is cut at its first double quote; empty is wrong; otherwise the
 * shorter of completion and label has to be the beginning of the longer one, capitals aside. Coordinates, time zones, names of a few countries, North
 * America, Mandarin and lists of languages have rules of their own.
 *
 * A completion of few tokens need not be a whole name: "Unit" is right for "United States". Six tokens are seldom so short.
 */
export function isRight(answer: Answer): boolean {
  const said = trim(answer.completion.split('"')[0] as string);
  if (said === "") return false;
  const trimmed = { ...answer, said, lower: said.toLowerCase(), wanted: trim(answer.label).toLowerCase() };
  const rule = rules.find(({ applies }) => applies(trimmed));
  return rule ? rule.right(trimmed) : isPrefix(trimmed.lower, trimmed.wanted);
}

/** Without spaces and quotes at both ends. */
const trim = (text: string): string => text.replace(/^[\s'"“”‘’]+|[\s'"“”‘’]+$/g, "");
