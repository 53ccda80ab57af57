import { program } from "@sae/tooling/tsup";

export default program(["src/cli.ts", "src/worker.ts"]);
