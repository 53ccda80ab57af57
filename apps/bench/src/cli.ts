#!/usr/bin/env node
import { SaeError } from "@sae/core";
import { type ArgsDef, type CommandDef, runCommand } from "citty";
import { baselinesCommand } from "./commands/baselines.js";
import { forwardCommand } from "./commands/forward.js";
import { harvestCommand } from "./commands/harvest.js";
import { commandHelp, programHelp } from "./commands/helpText.js";
import { llmCommand } from "./commands/llm.js";
import { perfCommand } from "./commands/perf.js";
import { quickCommand } from "./commands/quick.js";
import { syntheticCommand } from "./commands/synthetic.js";
import { trainCommand } from "./commands/train.js";
import { programVersion } from "./environment.js";
import { errorMessage } from "./errors.js";
import { exitCodeOf } from "./exitCodes.js";
import { didYouMean } from "./nearest.js";
import { readArguments } from "./options/readArguments.js";

const commands: Readonly<Record<string, CommandDef>> = {
  quick: quickCommand,
  synthetic: syntheticCommand,
  baselines: baselinesCommand,
  llm: llmCommand,
  train: trainCommand,
  harvest: harvestCommand,
  forward: forwardCommand,
  perf: perfCommand,
};

/** How the user called it. */
const program = process.env.npm_lifecycle_event === "bench" ? "pnpm bench" : "sae-bench";

// Outside a run there is nothing to stop and nothing to lose. A run listens too, and decides itself.
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(130);
  });
}

const rawArgs = process.argv.slice(2);
try {
  process.exitCode = await main(rawArgs);
} catch (error) {
  const { code, message, stack } = errorMessage(error);
  process.stderr.write(`${program}: ${message} (${code})\n`);
  if (rawArgs.includes("--debug") || code === "internal") process.stderr.write(`${stack}\n`);
  process.exitCode = exitCodeOf(error);
}

async function main([first, ...others]: readonly string[]): Promise<number> {
  if (first === "--version" || first === "-v") return print(programVersion());
  if (first === "--help" || first === "-h" || first === "help") return print(programHelp(commands, program));
  const isCommand = first !== undefined && !first.startsWith("-");
  const name = isCommand ? first : "quick";
  if (!Object.hasOwn(commands, name)) {
    const names = Object.keys(commands);
    throw new SaeError(
      "unknown_command",
      `there is no command '${name}'${didYouMean(name, names)}; the commands are ${names.join(", ")}`,
    );
  }
  const command = commands[name];
  const args = isCommand || first === undefined ? others : [first, ...others];
  if (args.includes("--help") || args.includes("-h")) return print(await commandHelp(command, program, args));
  // The others read their arguments themselves, after the files that they name.
  if (!("help" in command)) readArguments(args, (command.args ?? {}) as ArgsDef, name);
  const { result } = await runCommand(command, { rawArgs: [...args] });
  return typeof result === "number" ? result : 0;
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return 0;
}
