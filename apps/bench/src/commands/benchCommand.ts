import { type CommandDef, defineCommand } from "citty";
import { commandLine } from "../options/commandLine.js";
import { cittyArgs, type Options, type Values } from "../options/option.js";
import { readArguments, readValues } from "../options/readArguments.js";

/** What the help of a command says besides its options. */
export interface CommandHelp {
  /** Paragraphs: what it does, how long it takes, what comes out. */
  readonly about: readonly string[];
  /** Arguments of a call, and what the call does. */
  readonly examples: readonly (readonly [args: string, what: string])[];
  readonly options: Options;
}

/** A citty command with a help text that teaches. */
export type BenchCommand = CommandDef & { readonly help: CommandHelp };

/**
 * Checks a command's definition and gives its `run` typed values.
 *
 * @param definition.run returns the exit code; gets the values and the command line that gives the same results
 */
export function benchCommand<Known extends Options>(
  definition: CommandHelp & {
    readonly name: string;
    /** One line. */
    readonly description: string;
    readonly options: Known;
    readonly run: (values: Values<Known>, commandLine: string) => Promise<number>;
  },
): BenchCommand {
  const { name, description, about, examples, options, run } = definition;
  const args = cittyArgs(options);
  const command = defineCommand({
    meta: { name, description },
    args,
    run: ({ rawArgs }) => {
      const given = readArguments(rawArgs, args, name);
      return run(readValues(options, given), commandLine(name, options, given));
    },
  }) as CommandDef;
  return Object.assign(command, { help: { about, examples, options } });
}
