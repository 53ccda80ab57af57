import { ensureBuilt } from "./ensureBuilt.js";

process.exitCode = ensureBuilt();
