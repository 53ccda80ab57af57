import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { ensureBuilt, root } from "./ensureBuilt.js";

// `pnpm bench <arguments>`: the program runs in this very process, so that arguments, signals, standard streams and the
// exit code are its own, and in the folder the caller stands in, so that paths on the command line mean what they say.
const code = ensureBuilt();
if (code !== 0) process.exit(code);
process.chdir(process.env.INIT_CWD ?? process.cwd());
const program = join(root, "apps/bench/dist/cli.js");
process.argv[1] = program;
if (process.argv[2] === "--") process.argv.splice(2, 1); // `pnpm bench -- --flag` is `pnpm bench --flag`
await import(pathToFileURL(program).href);
