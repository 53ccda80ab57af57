import { basename, isAbsolute } from "node:path";
import { machineOptions } from "./machineOptions.js";
import { kebab, type Options } from "./option.js";

/**
 * The command line that gives the same results on any machine: without the options that only say how this one runs it, in the
 * order of the help, files of this machine by their names.
 *
 * @param given text of each option given, see `readArguments`
 */
export function commandLine(command: string, options: Options, given: ReadonlyMap<string, string>): string {
  const words = Object.entries(options).flatMap(([name, { hint }]) => {
    const text = given.get(kebab(name));
    if (text === undefined || Object.hasOwn(machineOptions, name)) return [];
    return hint === undefined ? [`--${kebab(name)}`] : [`--${kebab(name)}`, quoted(withoutFolders(text))];
  });
  return ["sae-bench", command, ...words].join(" ");
}

const withoutFolders = (text: string): string =>
  text
    .split(",")
    .map((part) => (isAbsolute(part) ? basename(part) : part))
    .join(",");

/** A word as a POSIX shell takes it. */
const quoted = (word: string): string => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
