// Where a worker thread begins: Node starts it before a loader is there that reads TypeScript.
import { register } from "tsx/esm/api";

register();
await import("./shardWorker.ts");
