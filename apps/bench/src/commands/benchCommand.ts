import { type CommandDef, defineCommand } from "citty";
import { commandLine } from "../options/commandLine.js";
import { addGivenFiles } from "../options/definitionOptions.js";
import { cittyArgs, type Options, type Values } from "../options/option.js";
import { readArguments, readValues } from "../options/readArguments.js";
import type { StudyLayer } from "../options/studyLayer.js";
import type { DefinitionFile } from "../userFiles/definitionFiles.js";

/** What the help of a command says besides its options. */
export interface CommandHelp {
  /** Paragraphs: what it does, how long it takes, what comes out. */
  readonly about: readonly string[];
  /** Arguments of a call, and what the call does. */
  readonly examples: readonly (readonly [args: string, what: string])[];
  readonly options: Options;
}

/** What the user's own files say beside the values of options. */
export interface FilesOfRun {
  readonly definitions: readonly DefinitionFile[];
  /** Of the study of `--config`. */
  readonly layer: StudyLayer;
}

/** A citty command with a help text that teaches. */
export type BenchCommand = CommandDef & {
  /** @param rawArgs of the call: files of the user's that it names bring options of their own */
  readonly help: (rawArgs: readonly string[]) => Promise<CommandHelp>;
};

/**
 * Checks a command's definition and gives its `run` typed values.
 *
 * @param definition.options a function where they depend on the architectures and baselines that are known
 * @param definition.run returns the exit code; gets the values, the command line that gives the same results, and what files of the user's add
 */
export function benchCommand<Known extends Options>(
  definition: Omit<CommandHelp, "options"> & {
    readonly name: string;
    /** One line. */
    readonly description: string;
    readonly options: Known | (() => Known);
    readonly run: (values: Values<Known>, commandLine: string, files: FilesOfRun) => Promise<number>;
  },
): BenchCommand {
  const { name, description, about, examples, options, run } = definition;
  const known = () => (typeof options === "function" ? options() : options);
  const command = defineCommand({
    meta: { name, description },
    args: () => cittyArgs(known()),
    run: async ({ rawArgs }) => {
      const { definitions, studyFor } = await addGivenFiles(rawArgs, known());
      const own = known();
      const given = readArguments(rawArgs, cittyArgs(own), name);
      const { values, layer } = studyFor(own);
      return run(readValues(own, given, values), commandLine(name, own, given), { definitions, layer });
    },
  }) as CommandDef;
  return Object.assign(command, {
    help: async (rawArgs: readonly string[]) => {
      await addGivenFiles(rawArgs, known());
      return { about, examples, options: known() };
    },
  });
}
