import { addDefinitionFiles, type DefinitionFile } from "../userFiles/definitionFiles.js";
import { definitionKinds } from "../userFiles/definitionsIn.js";
import { kebab, listOf, type Options, word } from "./option.js";

const file = word({ describe: "", hint: "FILE", group: "What" });

/** Options that name files of the user's with definitions. */
export const definitionOptions = {
  variantFile: listOf(file, {
    describe:
      "TypeScript or JavaScript modules that export architectures of yours (defineSae): they are known by their names, with their options, like the others",
    otherwise: "none",
  }),
  baselineFile: listOf(file, {
    describe: "modules that export baselines of yours (defineBaseline)",
    otherwise: "none",
  }),
};

/**
 * Makes the definitions known that a command line names, before its other options are read: which of those there are, and what they may say,
 * depends on them.
 *
 * @param options of the command: one that takes no such files adds none
 * @throws SaeError those of `addDefinitionFiles`
 */
export async function addGivenDefinitions(
  rawArgs: readonly string[],
  options: Options,
): Promise<Required<DefinitionFile>[]> {
  const files = definitionKinds.flatMap((kind): DefinitionFile[] => {
    const name = `${kind}File`;
    const text = Object.hasOwn(options, name) ? givenText(rawArgs, `--${kebab(name)}`) : undefined;
    return text === undefined
      ? []
      : file
          .parse(text)
          .split(",")
          .map((path) => ({ kind, path: path.trim() }));
  });
  return addDefinitionFiles(files);
}

/** The text of an option on a command line that nobody has checked yet. */
function givenText(rawArgs: readonly string[], option: string): string | undefined {
  const inline = rawArgs.find((word) => word.startsWith(`${option}=`));
  if (inline !== undefined) return inline.slice(option.length + 1);
  const at = rawArgs.indexOf(option);
  return at < 0 ? undefined : rawArgs[at + 1];
}
