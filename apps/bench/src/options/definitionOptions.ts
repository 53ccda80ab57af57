import {
  addDefinitionFiles,
  type DefinitionFile,
  loadStudyFile,
  type StudyFile,
  studyText,
} from "../userFiles/definitionFiles.js";
import { definitionKinds } from "../userFiles/definitionsIn.js";
import { kebab, listOf, type Options, type Values, word } from "./option.js";
import { type StudyValues, studyValues } from "./studyValues.js";

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

/** The option that names a study of the user's. */
export const configOption = word({
  describe:
    "a TypeScript or JavaScript module whose default export, made by defineStudy of @sae/bench, says what these options say; those given here win",
  otherwise: "none",
  hint: "FILE",
  group: "What",
});

/** What a command line names of the user's own. */
export interface GivenFiles {
  readonly definitions: readonly Required<DefinitionFile>[];
  /** What the study of `--config` says, once it is known which options there are. */
  readonly studyFor: (options: Options) => StudyValues;
}

/**
 * Makes the definitions known that a command line names, itself or in the study of its `--config`, before its other options are read: which of those there
 * are, and what they may say, depends on them.
 *
 * @param options of the command: one that takes no such files adds none
 * @throws SaeError those of `loadStudyFile` and `addDefinitionFiles`
 */
export async function addGivenFiles(rawArgs: readonly string[], options: Options): Promise<GivenFiles> {
  const given = (name: string) => (Object.hasOwn(options, name) ? givenText(rawArgs, `--${kebab(name)}`) : undefined);
  const config = given("config");
  const { study, files }: StudyFile = config === undefined ? { study: {}, files: [] } : await loadStudyFile(config);
  const studyFor = (known: Options, part = study) => studyValues(part, known, studyText(config ?? ""));
  const { variantFile, baselineFile } = study;
  const ofStudy = studyFor(definitionOptions, { variantFile, baselineFile }).values as Values<typeof definitionOptions>;
  const named = definitionKinds.flatMap((kind): DefinitionFile[] => {
    const name = `${kind}File` as const;
    const text = given(name);
    const paths = text === undefined ? ofStudy[name] : definitionOptions[name].parse(text);
    return (paths ?? []).map((path) => ({ kind, path }));
  });
  return { definitions: [...files, ...(await addDefinitionFiles(named))], studyFor };
}

/** The text of an option on a command line that nobody has checked yet. */
function givenText(rawArgs: readonly string[], option: string): string | undefined {
  const inline = rawArgs.find((word) => word.startsWith(`${option}=`));
  if (inline !== undefined) return inline.slice(option.length + 1);
  const at = rawArgs.indexOf(option);
  return at < 0 ? undefined : rawArgs[at + 1];
}
