import type { ArgsDef, CommandDef, CommandMeta } from "citty";
import { exitCodes } from "../exitCodes.js";
import { kebab, type Options } from "../options/option.js";
import type { BenchCommand, CommandHelp } from "./benchCommand.js";

const width = 100;

/** Breaks text into lines, each with an indent. */
function wrap(text: string, indent: string, columns = width): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && indent.length + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line].map((part) => `${indent}${part}`).join("\n");
}

/** Two columns: names, and what they mean, wrapped beside them. */
function columns(rows: readonly (readonly [string, string])[], nameWidth: number): string {
  return rows
    .map(([name, text]) => {
      const indent = " ".repeat(nameWidth + 4);
      const wrapped = wrap(text, indent);
      // A name too long for its column has its line to itself.
      return name.length > nameWidth ? `  ${name}\n${wrapped}` : `  ${name.padEnd(nameWidth)}  ${wrapped.trimStart()}`;
    })
    .join("\n");
}

/**
 * Help of one command.
 *
 * @param rawArgs what else the call says
 * @throws SaeError those of the files that the call names
 */
export async function commandHelp(
  command: CommandDef | BenchCommand,
  program: string,
  rawArgs: readonly string[],
): Promise<string> {
  const { name = "", description = "" } = command.meta as CommandMeta;
  const help: CommandHelp =
    "help" in command
      ? await command.help(rawArgs)
      : { about: [], examples: [], options: optionsOf((command.args ?? {}) as ArgsDef) };
  const groups = [...new Set(Object.values(help.options).map(({ group }) => group))];
  return [
    wrap(`${program} ${name}: ${description}`, ""),
    ...help.about.map((paragraph) => wrap(paragraph, "")),
    ...(help.examples.length === 0
      ? []
      : [
          `Examples\n${help.examples.map(([args, what]) => `  ${program} ${args}\n${wrap(what, "      ")}`).join("\n")}`,
        ]),
    ...groups.map((group) => `${group || "Options"}\n${columns(rowsOf(help.options, group), 28)}`),
  ].join("\n\n");
}

const rowsOf = (options: Options, group: string): (readonly [string, string])[] =>
  Object.entries(options)
    .filter(([, option]) => option.group === group)
    .map(([name, { hint, describe, otherwise, needed }]) => {
      const note = needed ? " (needed)" : otherwise === undefined ? "" : ` (default: ${otherwise})`;
      return [`--${kebab(name)}${hint === undefined ? "" : ` ${hint}`}`, `${describe}${note}`];
    });

/** Options of a command that citty alone knows. */
const optionsOf = (args: ArgsDef): Options =>
  Object.fromEntries(
    Object.entries(args).map(([name, { type, description = "", default: otherwise }]) => [
      name,
      {
        describe: description,
        group: "",
        parse: String,
        ...(type !== "boolean" && { hint: "VALUE", otherwise: otherwise === undefined ? undefined : `${otherwise}` }),
      },
    ]),
  );

/** Help of the program. */
export function programHelp(commands: Readonly<Record<string, CommandDef>>, program: string): string {
  const list = Object.entries(commands).map(
    ([name, { meta }]) => [name, (meta as CommandMeta).description ?? ""] as const,
  );
  return [
    wrap(
      `${program}: did a sparse autoencoder (SAE) learn anything that a random baseline does not have? Sanity checks after arXiv 2602.14111.`,
      "",
    ),
    `Usage\n  ${program}                      both case studies in little: a quarter to half an hour on two cores\n  ${program} COMMAND [OPTIONS]\n  ${program} COMMAND --help       what it does, examples, every option with its default`,
    `Commands\n${columns(list, 12)}`,
    wrap(
      "Results go to runs/ in the current folder. Work that is done is never done again: the same command continues a killed or failed run and prints the same numbers.",
      "",
    ),
    `Exit codes\n${columns(
      exitCodes.map(({ code, meaning }) => [`${code}`, meaning]),
      4,
    )}`,
  ].join("\n\n");
}
