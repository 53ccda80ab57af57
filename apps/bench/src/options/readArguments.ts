import { SaeError } from "@sae/core";
import type { ArgsDef } from "citty";
import { didYouMean } from "../nearest.js";
import { kebab, type Options, type Values } from "./option.js";

/**
 * Splits a command line into options, strictly: an option that the command does not have, one without its value, one given
 * twice, and words that belong to no option are errors, where a lenient parser would drop them.
 *
 * @param args - options of the command as citty knows them
 * @returns text of each option given; `""` for flags
 * @throws SaeError `unknown_option`, `missing_option` (a value), `bad_option`, `unexpected_argument`
 */
export function readArguments(rawArgs: readonly string[], args: ArgsDef, command: string): Map<string, string> {
  const names = Object.keys(args);
  const given = new Map<string, string>();
  for (let at = 0; at < rawArgs.length; at++) {
    const word = rawArgs[at];
    if (!word.startsWith("--") || word === "--") {
      throw new SaeError(
        "unexpected_argument",
        `${command}: '${word}' belongs to no option${word.startsWith("-") ? "; options are written --name VALUE" : "; the command comes first, then its options"}`,
      );
    }
    const [, negated, name, , inline] = /^--(no-)?([^=]*)(=([\s\S]*))?$/.exec(word) as RegExpExecArray;
    const isNegation = negated !== undefined && args[name]?.type === "boolean";
    const key = isNegation ? name : `${negated ?? ""}${name}`;
    const option = Object.hasOwn(args, key) ? args[key] : undefined;
    if (option === undefined) {
      throw new SaeError(
        "unknown_option",
        `${command}: there is no option --${key}${didYouMean(key, names, (near) => `--${near}`)}`,
      );
    }
    if (given.has(key)) throw new SaeError("bad_option", `--${key}: given twice; ${onceText(option)}`);
    if (option.type === "boolean") {
      if (inline !== undefined) throw new SaeError("bad_option", `--${key}: is a flag and takes no value`);
      given.set(key, "");
      continue;
    }
    const value = inline ?? rawArgs[at + 1];
    // A negative number is a value; anything else that begins with a dash is the next option.
    if (value === undefined || (inline === undefined && /^-(?![\d.])/.test(value))) {
      throw new SaeError(
        "missing_option",
        `--${key}: needed a value${option.valueHint ? ` (${option.valueHint})` : ""}`,
      );
    }
    if (inline === undefined) at++;
    given.set(key, value);
  }
  return given;
}

/** What to write instead of giving an option twice; the hint of one that takes a list ends so. */
const onceText = ({ type, valueHint = "" }: ArgsDef[string] & { readonly valueHint?: string }): string => {
  if (valueHint.endsWith(",…")) return "several values are written A,B,C";
  return type === "boolean" ? "once is enough" : "it takes one value";
};

/**
 * The values of a command's options.
 *
 * @param otherwise values of options that were not given
 * @throws SaeError those of the options' own parsers, with the name of the option before their message
 */
export function readValues<Known extends Options>(
  options: Known,
  given: ReadonlyMap<string, string>,
  otherwise: Readonly<Record<string, unknown>> = {},
): Values<Known> {
  const entries = Object.entries(options).map(([name, { parse }]) => {
    const text = given.get(kebab(name));
    if (text === undefined) return [name, otherwise[name]];
    try {
      return [name, parse(text)];
    } catch (error) {
      if (!(error instanceof SaeError)) throw error;
      throw new SaeError(error.code, `--${kebab(name)}: ${error.message}`, { cause: error });
    }
  });
  return Object.fromEntries(entries);
}

/** @throws SaeError `missing_option` */
export function required<Value>(value: Value | undefined, name: string, hint: string): Value {
  if (value !== undefined) return value;
  throw new SaeError("missing_option", `--${name} ${hint}: is needed here; see --help`);
}
