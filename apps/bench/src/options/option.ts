import { SaeError } from "@sae/core";
import type { ArgsDef } from "citty";
import { didYouMean } from "../nearest.js";

/** An option of a command: what its help says, and how its text becomes a value. */
export interface Option<Value = unknown> {
  /** What stands for the value in the help, such as `N` or `FILE`; an option without one is a flag. */
  readonly hint?: string;
  /** What it sets, with its unit. */
  readonly describe: string;
  /** What holds when it is left out, in words or numbers. */
  readonly otherwise?: string;
  /** The command does not run without it. */
  readonly needed?: boolean;
  /** Heading it stands under in the help. */
  readonly group: string;
  /** @throws SaeError `bad_option`, without the name of the option in the message */
  readonly parse: (text: string) => Value;
}

/** Options by their name in camelCase; on the command line it is kebab-case. */
// biome-ignore lint/suspicious/noExplicitAny: an option parses to any type; `Values` recovers which
export type Options = Readonly<Record<string, Option<any>>>;

/** What was given: undefined where the option was left out. */
export type Values<Known extends Options> = {
  readonly [Name in keyof Known]: Known[Name] extends Option<infer Value> ? Value | undefined : never;
};

/** `dSae` → `d-sae`: the name on the command line. */
export const kebab = (name: string): string => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const bad = (needed: string, text: string): SaeError => new SaeError("bad_option", `needed ${needed}, got '${text}'`);

type Help = Pick<Option, "describe" | "otherwise" | "needed"> & { readonly group?: string };

/** A whole number from `least` on. */
export const count = ({ least = 1, hint = "N", group = "", ...help }: Help & { least?: number; hint?: string }) =>
  ({
    ...help,
    hint,
    group,
    parse: (text) => {
      const value = Number(text);
      if (text.trim() !== "" && Number.isSafeInteger(value) && value >= least) return value;
      throw bad(`a whole number of at least ${least}`, text);
    },
  }) satisfies Option<number>;

/** A finite number within [least, most]. */
export const real = ({
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
  above = Number.NEGATIVE_INFINITY,
  below = Number.POSITIVE_INFINITY,
  hint = "X",
  group = "",
  ...help
}: Help & { least?: number; most?: number; above?: number; below?: number; hint?: string }) =>
  ({
    ...help,
    hint,
    group,
    parse: (text) => {
      const value = Number(text);
      const inside = value >= least && value <= most && value > above && value < below;
      if (text.trim() !== "" && Number.isFinite(value) && inside) return value;
      const bounds = [
        Number.isFinite(above) ? `above ${above}` : "",
        Number.isFinite(least) ? `of at least ${least}` : "",
        Number.isFinite(most) ? `of at most ${most}` : "",
        Number.isFinite(below) ? `below ${below}` : "",
      ].filter((bound) => bound !== "");
      throw bad(["a number", bounds.join(" and ")].join(" ").trim(), text);
    },
  }) satisfies Option<number>;

/** Any text but none. */
export const word = ({ hint = "TEXT", group = "", ...help }: Help & { hint?: string }) =>
  ({
    ...help,
    hint,
    group,
    parse: (text) => {
      if (text !== "") return text;
      throw bad(`a value (${hint})`, text);
    },
  }) satisfies Option<string>;

/** The name of a folder: letters, digits and `.-_`. */
export const folderName = (help: Help) =>
  ({
    ...help,
    hint: "NAME",
    group: help.group ?? "",
    parse: (text) => {
      if (/^[\w-][\w.-]*$/.test(text)) return text;
      throw bad("letters, digits, dots, dashes and underscores", text);
    },
  }) satisfies Option<string>;

/** One of some words; a mistyped one is told the nearest. */
export const choice = <Name extends string>({
  of,
  hint,
  group = "",
  code = "bad_option",
  ...help
}: Help & {
  of: readonly Name[];
  hint?: string;
  code?: string;
}) =>
  ({
    ...help,
    hint: hint ?? of.join("|"),
    group,
    parse: (text) => {
      const found = of.find((name) => name === text);
      if (found !== undefined) return found;
      throw new SaeError(code, `needed ${of.join(", ")}, got '${text}'${didYouMean(text, of)}`);
    },
  }) satisfies Option<Name>;

/** Several values, separated by commas, each once. */
export const listOf = <Value>(one: Option<Value>, help: Partial<Help> & { hint?: string } = {}) =>
  ({
    ...one,
    hint: `${one.hint},…`,
    ...help,
    parse: (text): readonly Value[] => {
      const values = text.split(",").map((part) => one.parse(part.trim()));
      if (new Set(values).size === values.length) return values;
      throw bad("each value once", text);
    },
  }) satisfies Option<readonly Value[]>;

/** An option that is there or not. */
export const flag = ({ group = "", ...help }: Help) => ({ ...help, group, parse: () => true }) satisfies Option<true>;

/** The options as citty wants them, for its parser and its registry of commands. */
export const cittyArgs = (options: Options): ArgsDef =>
  Object.fromEntries(
    Object.entries(options).map(([name, { hint, describe }]) => [
      kebab(name),
      hint === undefined
        ? { type: "boolean", description: describe }
        : { type: "string", description: describe, valueHint: hint },
    ]),
  );
