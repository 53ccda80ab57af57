import { program } from "@sae/tooling/tsup";

// A study of the user's imports the types: see `defineStudy`.
export default program(["src/cli.ts", "src/worker.ts", "src/index.ts"], { dts: { entry: "src/index.ts" } });
